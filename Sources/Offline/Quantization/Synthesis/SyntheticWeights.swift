import Checkpoints
import Kernels
import TensorCore

/// Adds layers of random weights to a pack, straight in the layout that kernels read: no float32 model ever
/// exists.
///
/// Scales are such that a layer's outputs are as large as its inputs (weights of variance 1 / k), so that
/// activations stay finite and in the range of codes through any number of layers.
struct SyntheticWeights {
  let bits: Int
  private(set) var writer: PackedModelWriter
  private var codes: RandomWindows
  private var metas: RandomWindows

  /// A weight code of −127…127, at random: `√(Σ i² / 255)`.
  private static let int8Deviation: Float = 73.3
  /// `step · (code − 8)` with steps of 1…8 and codes of 0…15, at random.
  private static let int4Deviation: Float = 23.4

  /// - Parameters:
  ///   - bits: 8, or 4 for the layers that are not asked to be of 8.
  ///   - largest: Weights of the largest layer.
  init(bits: Int, largest: Int, seed: UInt64, writer: PackedModelWriter) {
    self.bits = bits
    self.writer = writer
    // The kernels do not know the code −128; in a pair of 4-bit codes the byte is missed by nobody.
    codes = RandomWindows(count: largest, seed: seed) { $0 == 0x80 ? 0 : $0 }
    // Zero point 8, step − 1 in 0…7: every weight is in −64…56.
    metas = RandomWindows(count: largest / 32, seed: seed &+ 1) { 0x80 | $0 & 7 }
  }

  /// A linear layer `[outputs, inputs]` under `name`, with zeros as bias where it has one.
  mutating func addLayer(
    _ name: String, outputs: Int, inputs: Int, bias: Bool = false, eightBits: Bool = false
  ) throws {
    let usesInt8 = eightBits || bits == 8
    let sums = usesInt8 ? try addInt8(name, outputs, inputs) : try addInt4(name, outputs, inputs)
    let deviation = usesInt8 ? Self.int8Deviation : Self.int4Deviation
    let scale = 1 / (deviation * Float(inputs).squareRoot())
    try addVector(name + ".scales", [Float](repeating: scale, count: outputs))
    try writer.add(tensor: name + ".sums", type: .i32, shape: [outputs], values: sums)
    if bias { try addVector(name + ".bias", [Float](repeating: 0, count: outputs)) }
  }

  mutating func addVector(_ name: String, _ values: [Float], shape: Shape? = nil) throws {
    try writer.add(tensor: name, type: .f32, shape: shape ?? [values.count], values: values)
  }

  private mutating func addInt8(_ name: String, _ outputs: Int, _ inputs: Int) throws -> [Int32] {
    let view = codes.view(.i8, count: PackedInt8Weights.byteCount(outputs: outputs, inputs: inputs))
    try writer.add(tensor: name + ".codes", view)
    return ChannelSums.int8(view.pointer(to: Int8.self), outputs: outputs, inputs: inputs)
  }

  private mutating func addInt4(_ name: String, _ outputs: Int, _ inputs: Int) throws -> [Int32] {
    let codes = codes.view(.u8, count: PackedInt4Weights.codeByteCount(outputs: outputs, inputs: inputs))
    let metas = metas.view(.u8, count: PackedInt4Weights.metaByteCount(outputs: outputs, inputs: inputs))
    try writer.add(tensor: name + ".codes", codes)
    try writer.add(tensor: name + ".metas", metas)
    return ChannelSums.int4(
      codes.pointer(to: UInt8.self), metas: metas.pointer(to: UInt8.self), outputs: outputs, inputs: inputs)
  }
}

/// The sum of each channel's integer weights, of weights that are packed already.
enum ChannelSums {
  /// - Parameter codes: ``PackedInt8Weights`` of inputs that are a multiple of 4.
  static func int8(_ codes: UnsafePointer<Int8>, outputs: Int, inputs: Int) -> [Int32] {
    let quads = inputs / 4
    return (0..<outputs).map { channel in
      var sum: Int32 = 0
      let first = codes + channel / 16 * quads * 64 + channel % 16 * 4
      for quad in 0..<quads {
        for i in 0..<4 { sum &+= Int32(first[quad * 64 + i]) }
      }
      return sum
    }
  }

  /// - Parameter codes: ``PackedInt4Weights`` of inputs that are a multiple of 32.
  static func int4(
    _ codes: UnsafePointer<UInt8>, metas: UnsafePointer<UInt8>, outputs: Int, inputs: Int
  ) -> [Int32] {
    let groups = inputs / 32
    return (0..<outputs).map { channel in
      var sum: Int32 = 0
      for group in 0..<groups {
        let first = channel / 16 * groups + group
        let meta = Int32(metas[first * 16 + channel % 16])
        var codeSum: Int32 = 0
        for byte in 0..<16 {
          let pair = Int32(codes[first * 256 + byte / 4 * 64 + channel % 16 * 4 + byte % 4])
          codeSum &+= pair & 15 &+ pair >> 4
        }
        sum &+= (meta & 15 &+ 1) &* (codeSum &- 32 &* (meta >> 4))
      }
      return sum
    }
  }
}
