import Architectures
import Kernels
import Packs
import TensorCore

/// Adds layers of random weights to a pack, straight in the layout that kernels read: no float32 model ever
/// exists.
///
/// Scales are such that a layer's outputs are as large as its inputs (weights of variance 1 / k), so that
/// activations stay finite and in the range of codes through any number of layers.
struct SyntheticWeights {
  private(set) var writer: PackedModelWriter
  private var codes: RandomWindows
  private var groupScales: RandomWindows

  /// The deviation of a format's whole-number weights, at random codes. int8: −127…127, `√(Σ i² / 255)`. int4:
  /// `step · (code − 8)` with steps of 1…8 and codes of 0…15.
  private static let deviations: [WeightFormat: Float] = [.int8: 73.3, .int4: 23.4]

  /// - Parameter largest: Weights of the largest layer.
  init(largest: Int, seed: UInt64, writer: PackedModelWriter) {
    self.writer = writer
    // The kernels do not know the code −128; in a pair of 4-bit codes the byte is missed by nobody.
    codes = RandomWindows(count: largest, seed: seed) { $0 == 0x80 ? 0 : $0 }
    // Zero point 8, step − 1 in 0…7: every weight is in −64…56.
    groupScales = RandomWindows(count: largest / 32, seed: seed &+ 1) { 0x80 | $0 & 7 }
  }

  /// A linear layer, with zeros as bias where it has one.
  mutating func addLayer(_ row: TensorRow, _ format: WeightFormat) throws {
    let (outputs, inputs) = (row.outputs, row.inputs)
    guard let deviation = Self.deviations[format] else {
      preconditionFailure("SyntheticWeights: no deviation of \(format.name)")
    }
    var parts: [WeightPart: TensorView] = [:]
    for tensor in format.tensors {
      let (name, count) = (WeightFormat.tensorName(row.name, tensor.part), tensor.count(outputs, inputs))
      switch tensor.part {
      case .codes, .groupScales:
        let view =
          tensor.part == .codes
          ? codes.view(tensor.type, count: count) : groupScales.view(tensor.type, count: count)
        parts[tensor.part] = view
        try writer.add(tensor: name, view)
      case .scales:
        let scale = 1 / (deviation * Float(inputs).squareRoot())
        try addVector(name, [Float](repeating: scale, count: outputs))
      case .columnSums:
        let sums = format.channelSums(parts, outputs: outputs, inputs: inputs)
        try writer.add(tensor: name, type: .i32, shape: [outputs], values: sums)
      }
    }
    if row.hasStoredBias { try addVector(row.biasName, [Float](repeating: 0, count: outputs)) }
  }

  mutating func addVector(_ name: String, _ values: [Float], shape: Shape? = nil) throws {
    try writer.add(tensor: name, type: .f32, shape: shape ?? [values.count], values: values)
  }
}
