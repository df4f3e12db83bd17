import ScalarKernels

/// Sixteen 32-bit integers, beside the ``FloatLanes`` of an instruction set.
public protocol IntegerLanes {
  init(repeating value: Int32)

  /// Writes the lanes to 64 bytes of any alignment.
  func store(_ p: UnsafeMutableRawPointer)

  static func &+ (a: Self, b: Self) -> Self
  static func &- (a: Self, b: Self) -> Self
  static func & (a: Self, b: Self) -> Self
  static func | (a: Self, b: Self) -> Self
  static func &<< (a: Self, bits: Int32) -> Self
  /// Zeros come in from above.
  static func &>> (a: Self, bits: Int32) -> Self

  /// The lanes as bytes, four a word, lane 0 in the lowest byte of the first; each is in 0…255.
  var words: SIMD4<UInt32> { get }

  /// Writes one group of 32 signed codes, in every form that `codes` wants, from column `i` on.
  static func store(signed a: Self, _ b: Self, at i: Int, of codes: RowCodes)
  /// Writes 64 unsigned codes; lanes outside 0…255 become 0 or 255.
  static func store(saturated a: Self, _ b: Self, _ c: Self, _ d: Self, _ p: UnsafeMutablePointer<UInt8>)
}
