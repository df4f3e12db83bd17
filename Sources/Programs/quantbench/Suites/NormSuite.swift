import Kernels
import TensorCore

extension Suite {
  /// Every variant of every elementwise kernel, on rows as wide as a 1B model's, as they lie after a linear
  /// layer: in the second-level cache.
  static let norms: Suite = Suite(
    name: "norms", summary: "elementwise kernels, every instruction set, one thread"
  ) { bench in
    for kernel in RowKernel.all where bench.wants(kernel.name) { RowBenchmark(bench).measure(kernel) }
  }
}

/// A kernel that works on rows, with each of its variants.
private struct RowKernel {
  let name: String
  /// Bytes that one value costs: those read and those written.
  let bytesPerValue: Int
  let variants: [(set: InstructionSet, body: (Rows) -> Void)]

  static var all: [RowKernel] {
    [
      RowKernel("rms norm", bytesPerValue: 8, RMSNormKernel.self) { kernel, rows in
        rows.apply { x, y in kernel(x, weight: rows.weight, y, count: Rows.width, epsilon: 1e-5) }
      },
      RowKernel("layer norm", bytesPerValue: 8, LayerNormKernel.self) { kernel, rows in
        rows.apply { x, y in
          kernel(x, weight: rows.weight, bias: rows.weight, y, count: Rows.width, epsilon: 1e-5)
        }
      },
      RowKernel("gelu", bytesPerValue: 8, GELUKernel.self) { kernel, rows in
        rows.apply { x, y in kernel(x, y, count: Rows.width) }
      },
      RowKernel("silu gate", bytesPerValue: 12, SiLUGateKernel.self) { kernel, rows in
        rows.apply { x, y in kernel(gate: x, up: rows.weight, y, count: Rows.width) }
      },
      RowKernel("gelu tanh gate", bytesPerValue: 12, GELUTanhGateKernel.self) { kernel, rows in
        rows.apply { x, y in kernel(gate: x, up: rows.weight, y, count: Rows.width) }
      },
      RowKernel("softmax", bytesPerValue: 8, SoftmaxKernel.self) { kernel, rows in
        rows.apply { x, y in kernel(x, y, count: Rows.width, inverseTemperature: 1) }
      },
      RowKernel("add", bytesPerValue: 12, AddKernel.self) { kernel, rows in
        rows.apply { x, y in kernel(x, to: y, count: Rows.width) }
      },
      hadamard(mixing: 8), hadamard(mixing: 64),
      RowKernel("rotary", bytesPerValue: 8, RotaryKernel.self) { kernel, rows in
        let (cosines, sines) = (rows.rotary.cosines(at: 7), rows.rotary.sines(at: 7))
        rows.apply { _, y in kernel(y, cosines: cosines, sines: sines, heads: Rows.width / 64, d: 64) }
      },
      RowKernel(quantizer: "quantize rows"),
      RowKernel("greatest value", bytesPerValue: 4, MaxIndexKernel.self) { kernel, rows in
        rows.apply { x, _ in sink(kernel(x, count: Rows.width)) }
      },
    ]
  }

  /// Transforms rows in place, again and again; what they hold does not change the time.
  private static func hadamard(mixing vectors: Int) -> RowKernel {
    RowKernel("hadamard \(vectors)", bytesPerValue: 8, HadamardKernel.self) { kernel, rows in
      rows.apply { _, y in kernel(y, count: Rows.width, mixed: vectors) }
    }
  }

  private init<Kernel: KernelVariant>(
    _ name: String, bytesPerValue: Int, _ type: Kernel.Type, body: @escaping (Kernel, Rows) -> Void
  ) {
    self.name = name
    self.bytesPerValue = bytesPerValue
    variants = Kernel.runnable.map { kernel in (kernel.requires, { body(kernel, $0) }) }
  }

  /// Quantizes rows: reads floats and writes a byte for each. Measured through the storage that models use.
  private init(quantizer name: String) {
    self.name = name
    bytesPerValue = 5
    variants = QuantizeRowKernel.runnable.map { kernel in
      let rows = ActivationRows(
        maxRows: Rows.count, maxColumns: Rows.width, kernels: .variants(for: kernel.requires))
      let pool = WorkerPool(threads: 1)
      return (
        kernel.requires,
        {
          rows.quantizeDynamic(
            $0.input.pointer, rows: Rows.count, columns: Rows.width, form: .unsigned, pool: pool)
        }
      )
    }
  }
}

/// `[64, 2048]` floats in and out.
private final class Rows {
  static let count = 64
  static let width = 2_048

  let input = RandomFloats(count: count * width)
  let rotary = RotaryTable(headDimension: 64, context: 8, theta: 1e4)
  private let weights = RandomFloats(count: width, seed: 2)
  private let output = AlignedStorage(byteCount: 4 * count * width)

  var weight: UnsafePointer<Float> { UnsafePointer(weights.pointer) }

  func apply(_ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void) {
    let out = output.pointer(to: Float.self)
    for row in 0..<Self.count { body(input.pointer + row * Self.width, out + row * Self.width) }
  }
}

private struct RowBenchmark {
  private let bench: Bench
  private let rows = Rows()

  init(_ bench: Bench) { self.bench = bench }

  /// Measures `kernel`. Its limit is the time that reading as many bytes from the same cache takes.
  func measure(_ kernel: RowKernel) {
    let bytes = Double(Rows.count * Rows.width * kernel.bytesPerValue)
    let timings = kernel.variants.map { variant in (variant.set, bench.time { variant.body(rows) }) }
    let scalar = timings[timings.count - 1].1.seconds
    for (set, timing) in timings {
      let perByte = bench.limits.cache(set, byteCount: Int(bytes)).seconds
      bench.report.add(
        Measurement(
          suite: "norms", name: "\(kernel.name) [\(Rows.count), \(Rows.width)]", isa: set, threads: 1,
          value: bytes * 1e-9 / timing.seconds, unit: "GB/s",
          limit: .init(value: 1e-9 / perByte, name: .cache),
          repetitions: timing.repetitions, spread: timing.spread,
          details: ["times_scalar": scalar / timing.seconds]))
    }
  }
}
