import ScalarKernels

extension FloatLanes {
  /// `gelu` of every lane. The bounds come first: `greater` and `lesser` return the second operand for NaN, as the
  /// definition's comparisons do.
  @inlinable @inline(__always)
  public static func gelu(_ x: Self) -> Self {
    typealias C = GELUConstants
    let raised = greater(Self(repeating: -C.limit), x)
    let magnitude = raised.magnitude
    let u = lesser(Self(repeating: C.limit), magnitude)
    let segment = fused(u, Self(repeating: C.segmentsPerUnit), plus: Self(repeating: C.shifter)).bits
    let slope = fused(entries(of: C.c2, at: segment), u, plus: entries(of: C.c1, at: segment))
    let q = fused(slope, u, plus: entries(of: C.c0, at: segment))
    return fused(magnitude, q, plus: raised * Self(repeating: 0.5))
  }

  /// `gelu` of one row; `y` may be `x` itself.
  @inlinable @inline(__always)
  public static func gelu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    forEachStep(of: count) { i, remaining in
      gelu(Self(x + i, remaining: remaining)).store(y + i, remaining: remaining)
    }
  }

  /// `siluGate` of one row; negation commutes with the rounding of `g · log₂ e`, so the constant carries the sign.
  @inlinable @inline(__always)
  public static func siluGate(
    _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    forEachStep(of: count) { i, remaining in
      let g = Self(gate + i, remaining: remaining)
      let e = approximateExp2(g * Self(repeating: -Exp2Constants.log2e))
      let silu = g / (Self(repeating: 1) + e)
      (silu * Self(up + i, remaining: remaining)).store(y + i, remaining: remaining)
    }
  }

  /// `geluTanhGate` of one row.
  @inlinable @inline(__always)
  public static func geluTanhGate(
    _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    typealias C = GELUTanhConstants
    forEachStep(of: count) { i, remaining in
      let g = Self(gate + i, remaining: remaining)
      let slope = fused(Self(repeating: C.cubic), g * g, plus: Self(repeating: C.linear))
      let gelu = g / (Self(repeating: 1) + approximateExp2(g * slope))
      (gelu * Self(up + i, remaining: remaining)).store(y + i, remaining: remaining)
    }
  }

  /// `softCap` of every lane.
  @inlinable @inline(__always)
  public static func softCap(_ x: Self, cap: Float) -> Self {
    let one = Self(repeating: 1)
    let e = approximateExp2(x * Self(repeating: 2 * Exp2Constants.log2e / cap))
    let capped = (e - one) / (e + one) * Self(repeating: cap)
    return fused(x, Self(repeating: 0), plus: capped)
  }

  /// `softCap` of one row, in place.
  @inlinable @inline(__always)
  public static func softCap(_ x: UnsafeMutablePointer<Float>, count: Int, cap: Float) {
    forEachStep(of: count) { i, remaining in
      softCap(Self(x + i, remaining: remaining), cap: cap).store(x + i, remaining: remaining)
    }
  }
}
