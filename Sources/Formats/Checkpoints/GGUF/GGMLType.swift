/// A type of GGUF's tensors: blocks of values along a row, each of one size.
///
/// One line of ``all`` a type. Types that are known but not read have no decoder: a file that holds one is understood up
/// to its data, so that the error can name tensor and type.
package struct GGMLType: Sendable {
  /// Turns a number of blocks, one after another, into float32 values.
  typealias Decoder =
    @Sendable (_ blocks: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>, _ count: Int) -> Void

  /// As tensor entries have it.
  let code: UInt32
  package let name: String
  /// Values of a block.
  package let blockValues: Int
  /// Bytes of a block.
  package let blockBytes: Int
  let decode: Decoder?

  private init(
    _ code: UInt32, _ name: String, _ blockValues: Int, _ blockBytes: Int, _ decode: Decoder? = nil
  ) {
    self.code = code
    self.name = name
    self.blockValues = blockValues
    self.blockBytes = blockBytes
    self.decode = decode
  }

  /// A type whose decoder is written for one block.
  private static func blocks(
    _ code: UInt32, _ name: String, _ values: Int, _ bytes: Int,
    _ block: @escaping @Sendable (UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void
  ) -> GGMLType {
    GGMLType(code, name, values, bytes) { source, target, count in
      for index in 0..<count { block(source + index &* bytes, target + index &* values) }
    }
  }

  package static let all = [
    GGMLType(0, "F32", 1, 4, PlainValues.f32), GGMLType(1, "F16", 1, 2, PlainValues.f16),
    GGMLType(30, "BF16", 1, 2, PlainValues.bf16), GGMLType(28, "F64", 1, 8, PlainValues.f64),
    blocks(2, "Q4_0", 32, 18, SmallBlocks.q4), blocks(3, "Q4_1", 32, 20, SmallBlocks.q4WithMinimum),
    blocks(6, "Q5_0", 32, 22, SmallBlocks.q5), blocks(7, "Q5_1", 32, 24, SmallBlocks.q5WithMinimum),
    blocks(8, "Q8_0", 32, 34, SmallBlocks.q8), blocks(10, "Q2_K", 256, 84, KBlocks.q2),
    blocks(11, "Q3_K", 256, 110, KBlocks.q3), blocks(12, "Q4_K", 256, 144, KBlocks.q4),
    blocks(13, "Q5_K", 256, 176, KBlocks.q5), blocks(14, "Q6_K", 256, 210, KBlocks.q6),
    blocks(20, "IQ4_NL", 32, 18, TableBlocks.iq4nl), blocks(23, "IQ4_XS", 256, 136, TableBlocks.iq4xs),
    blocks(39, "MXFP4", 32, 17, TableBlocks.mxfp4),
    // Known, not read.
    GGMLType(9, "Q8_1", 32, 40), GGMLType(15, "Q8_K", 256, 292), GGMLType(16, "IQ2_XXS", 256, 66),
    GGMLType(17, "IQ2_XS", 256, 74), GGMLType(18, "IQ3_XXS", 256, 98), GGMLType(19, "IQ1_S", 256, 50),
    GGMLType(21, "IQ3_S", 256, 110), GGMLType(22, "IQ2_S", 256, 82), GGMLType(29, "IQ1_M", 256, 56),
    GGMLType(34, "TQ1_0", 256, 54), GGMLType(35, "TQ2_0", 256, 66), GGMLType(40, "NVFP4", 64, 36),
    GGMLType(41, "Q1_0", 128, 18), GGMLType(24, "I8", 1, 1), GGMLType(25, "I16", 1, 2),
    GGMLType(26, "I32", 1, 4), GGMLType(27, "I64", 1, 8),
  ]

  private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })

  static func of(_ code: UInt32) -> GGMLType? { byCode[code] }

  /// Whether its values can be read.
  package var isReadable: Bool { decode != nil }

  /// The names of the types that are read, for messages.
  static var readable: String { all.filter(\.isReadable).map(\.name).joined(separator: ", ") }
}

extension GGMLType: Equatable {
  package static func == (a: GGMLType, b: GGMLType) -> Bool { a.code == b.code }
}
