import ScalarKernels

extension FloatLanes {
  /// `approximateExp2` of every lane.
  ///
  /// The first bound is the second operand, so that NaN becomes it. The conversion to integers rounds to nearest even
  /// (the mode that every thread keeps) and replaces `rint`: it may turn −0 into +0, which `x − n` and the polynomial
  /// cannot tell apart.
  @inlinable @inline(__always)
  public static func approximateExp2(_ x: Self) -> Self {
    typealias C = Exp2Constants
    let clamped = lesser(greater(x, Self(repeating: -C.limit)), Self(repeating: C.limit))
    let n = clamped.rounded
    let f = clamped - Self(n)
    var p = fused(Self(repeating: C.c5), f, plus: Self(repeating: C.c4))
    p = fused(p, f, plus: Self(repeating: C.c3))
    p = fused(p, f, plus: Self(repeating: C.c2))
    p = fused(p, f, plus: Self(repeating: C.c1))
    p = fused(p, f, plus: Self(repeating: C.c0))
    return Self(bits: p.bits &+ (n &<< 23))
  }

  /// `approximateExp` of every lane.
  @inlinable @inline(__always)
  public static func approximateExp(_ x: Self) -> Self {
    approximateExp2(x * Self(repeating: Exp2Constants.log2e))
  }
}
