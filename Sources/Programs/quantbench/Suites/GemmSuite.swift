import Architectures
import Kernels
import TensorCore

extension Suite {
  /// A prefill or a batch of images, which are bound by arithmetic.
  static let gemm: Suite = Suite(name: "gemm", summary: "linear layers of 512 rows beside the int8 peak") {
    bench in
    try LinearBenchmark(bench, .gemm, rowCounts: [512], weightBytes: 0).run()
  }

  /// Decoding, where every weight is read for a few rows, which is bound by memory.
  static let gemv: Suite = Suite(
    name: "gemv", summary: "linear layers of 1 to 32 rows, weights from memory"
  ) { bench in
    try LinearBenchmark(
      bench, .gemv, rowCounts: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32], weightBytes: RandomLayers.copiedBytes
    ).run()
  }
}

/// Layers of real models times rows that are quantized already.
private struct LinearBenchmark {
  private let bench: Bench
  private let suite: Suite
  private let rowCounts: [Int]
  /// Bytes of weights to go through before one is read again; 0 for a single layer.
  private let weightBytes: Int
  private let weights = RandomLayers()

  init(_ bench: Bench, _ suite: Suite, rowCounts: [Int], weightBytes: Int) {
    (self.bench, self.suite, self.rowCounts, self.weightBytes) = (bench, suite, rowCounts, weightBytes)
  }

  func run() throws {
    for shape in LayerShape.all {
      for recipe in RecipeName.allCases {
        for rows in rowCounts {
          let name = "\(shape.name) \(recipe.rawValue) M\(rows)"
          if bench.wants(name) { try measure(name, shape, recipe.format, rows: rows) }
        }
      }
    }
  }

  private func measure(_ name: String, _ shape: LayerShape, _ format: WeightFormat, rows: Int) throws {
    let input = RandomFloats(count: rows * shape.inputs)
    let output = AlignedStorage(byteCount: 4 * rows * shape.outputs)
    for set in bench.options.sets {
      let layers = try weights.copies(of: shape, format, set: set, byteCount: weightBytes)
      let x = ActivationRows(maxRows: rows, maxColumns: shape.inputs, kernels: .variants(for: set))
      x.quantizeDynamic(input.pointer, rows: rows, columns: shape.inputs, form: .signed, pool: bench.pools[1])
      for threads in bench.options.threadCounts {
        let pool = bench.pools[threads]
        measure(name, layers, set, threads, shape, format, rows: rows) { layer in
          layer.apply(x, to: output.pointer(to: Float.self), stride: shape.outputs, pool: pool)
        }
      }
    }
  }

  /// Measures bytes a second where the weights come from memory, operations a second where they do not.
  private func measure(
    _ name: String, _ layers: [LinearLayer], _ set: InstructionSet, _ threads: Int, _ shape: LayerShape,
    _ format: WeightFormat, rows: Int, apply: (LinearLayer) -> Void
  ) {
    let operations = shape.operations(rows: rows) * Double(layers.count)
    let bytes = Double(RandomLayers.byteCount(of: shape, format) * layers.count)
    let streams = weightBytes > 0
    bench.rate(
      suite, name, set: set, threads: threads, amount: (streams ? bytes : operations) * 1e-9,
      unit: streams ? "GB/s" : "Gop/s", work: Work(operations: operations, bytes: streams ? bytes : 0),
      details: { streams ? ["gop_per_s": operations * 1e-9 / $0] : ["us": $0 * 1e6] },
      body: { for layer in layers { apply(layer) } })
  }
}
