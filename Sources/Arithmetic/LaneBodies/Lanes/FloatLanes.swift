/// Sixteen floats, in as many registers as an instruction set needs for them.
///
/// A lane sum is one such value; see the article Numerics of the module Kernels. Methods that take `remaining`
/// touch the first `remaining` lanes, all sixteen from 16 on, and no byte beyond them; with the constant 16 nothing
/// of a mask remains in the code.
public protocol FloatLanes {
  associatedtype Integers: IntegerLanes

  init(repeating value: Float)
  /// The values at `p`; 0 in lanes from `remaining` on, which may be 0 but not negative.
  init(_ p: UnsafePointer<Float>, remaining: Int)
  /// Sixteen float16 values.
  init(half p: UnsafePointer<Float16>)
  /// The nearest floats.
  init(_ integers: Integers)
  /// The floats of these bits.
  init(bits: Integers)

  func store(_ p: UnsafeMutablePointer<Float>, remaining: Int)
  /// Rounds every lane to float16, ties to even.
  func store(half p: UnsafeMutablePointer<Float16>)

  /// Takes the first `remaining` lanes of `new` and keeps the others: what a tail adds nothing to stays as it is, −0
  /// included.
  mutating func merge(_ new: Self, remaining: Int)

  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  /// `a · b + c` with one rounding.
  static func fused(_ a: Self, _ b: Self, plus c: Self) -> Self
  /// `a · b − c` with one rounding.
  static func fused(_ a: Self, _ b: Self, minus c: Self) -> Self
  /// `a > b ? a : b` lane by lane: `b` where either is NaN.
  static func greater(_ a: Self, _ b: Self) -> Self
  /// `a < b ? a : b` lane by lane: `b` where either is NaN.
  static func lesser(_ a: Self, _ b: Self) -> Self
  /// One bit a lane, lane 0 lowest: whether both have the same bits.
  static func equalBits(_ a: Self, _ b: Self) -> UInt16
  /// Of each lane, the table's entry at the lowest four bits of its index.
  static func entries(of table: SIMD16<Float>, at indices: Integers) -> Self

  /// Every lane without its sign.
  var magnitude: Self { get }
  /// `1 / x`, but 0 where `x` is 0, of either sign.
  var reciprocalOrZero: Self { get }
  /// The nearest integers, ties to even; NaN and what does not fit give `Int32.min`.
  var rounded: Integers { get }
  var bits: Integers { get }
  /// Lane 0.
  var first: Float { get }
  /// The halving tree of `LaneSum`.
  var total: Float { get }
  /// The greatest lane; no lane is NaN.
  var maximum: Float { get }
}
