import Architectures
import Kernels
import TensorCore
import TestSupport

/// Random weights and inputs, and the tensors that a pack would hold for them.
struct LinearFixture {
  let outputs, inputs: Int
  var random: SeededGenerator

  init(outputs: Int, inputs: Int, seed: UInt64 = 1) {
    (self.outputs, self.inputs) = (outputs, inputs)
    random = SeededGenerator(seed: seed)
  }

  mutating func int8Codes() -> [Int8] {
    (0..<outputs * inputs).map { _ in Int8.random(in: -127...127, using: &random) }
  }

  /// Codes, steps and zero points with every weight in −127…127.
  mutating func int4Weights() -> PackedInt4Weights {
    let groups = PackedInt4Weights.groups(inputs: inputs)
    let zeros = (0..<outputs * groups).map { _ in UInt8.random(in: 0...15, using: &random) }
    let steps = zeros.map { UInt8.random(in: 1...UInt8(min(16, 127 / max($0, 15 - $0))), using: &random) }
    let codes = (0..<outputs * inputs).map { _ in UInt8.random(in: 0...15, using: &random) }
    return PackedInt4Weights(rowMajor: codes, steps: steps, zeros: zeros, outputs: outputs, inputs: inputs)
  }

  mutating func channelFloats() -> [Float] { random.floats(outputs, in: -0.02...0.02) }

  func layer(
    _ packed: PackedInt8Weights, scales: [Float], bias: [Float]?, kernels: LinearKernels
  ) throws -> LinearLayer {
    try LinearLayer(
      WeightTensors(
        .int8,
        [
          .codes: view(packed.codes, .i8), .scales: view(scales, .f32),
          .columnSums: view(packed.columnSums, .i32),
        ]),
      bias: bias.map { view($0, .f32) }, outputs: outputs, inputs: inputs, kernels: kernels)
  }

  func layer(
    _ packed: PackedInt4Weights, scales: [Float], bias: [Float]?, kernels: LinearKernels
  ) throws -> LinearLayer {
    try LinearLayer(
      WeightTensors(
        .int4,
        [
          .codes: view(packed.codes, .u8), .groupScales: view(packed.groupScales, .u8),
          .scales: view(scales, .f32),
          .columnSums: view(packed.columnSums, .i32),
        ]),
      bias: bias.map { view($0, .f32) }, outputs: outputs, inputs: inputs, kernels: kernels)
  }
}

/// `values` as a tensor in memory of its own, one element off any alignment of a cache line.
func view<Element: BitwiseCopyable>(_ values: [Element], _ type: ElementType) -> TensorView {
  let bytes = values.withUnsafeBytes { Array($0) }
  let storage = AlignedStorage(byteCount: bytes.count + type.byteSize)
  let place = UnsafeMutableRawBufferPointer(rebasing: storage.bytes[type.byteSize...])
  place.copyBytes(from: bytes)
  return TensorView(bytes: UnsafeRawBufferPointer(place), type: type, shape: [values.count], owner: storage)
}

/// How an input row becomes codes.
enum RowQuantization: CaseIterable {
  case dynamic, fixed
}

/// Runs `layer` on `x` (`[rows, inputs]`) with guard values around each row of the output.
///
/// - Returns: `[rows, stride]` with `stride = outputs + 3`; what the layer must not touch is −7.
func run(
  _ layer: LinearLayer, _ x: [Float], rows: Int, _ quantization: RowQuantization = .dynamic,
  form: ActivationForm? = nil, residual: [Float]? = nil, pool: WorkerPool, kernels: LinearKernels
) -> [Float] {
  let activations = ActivationRows(maxRows: rows, maxColumns: layer.inputs, kernels: kernels)
  switch quantization {
  case .dynamic:
    activations.quantizeDynamic(x, rows: rows, columns: layer.inputs, form: form ?? layer.form, pool: pool)
  case .fixed:
    activations.quantizeStatic(
      x, rows: rows, columns: layer.inputs, StaticInput(scale: 0.011, zero: 93, form: form ?? layer.form),
      pool: pool)
  }
  let stride = layer.outputs + 3
  var output = [Float](repeating: -7, count: rows * stride + 1)
  output.withUnsafeMutableBufferPointer { buffer in
    // Off by one element: kernels may not rely on the alignment of the output.
    let base = buffer.baseAddress! + 1
    if let residual {
      residual.withUnsafeBufferPointer {
        layer.apply(activations, to: base, stride: stride, residual: $0.baseAddress, pool: pool)
      }
    } else {
      layer.apply(activations, to: base, stride: stride, residual: nil, pool: pool)
    }
  }
  return output
}
