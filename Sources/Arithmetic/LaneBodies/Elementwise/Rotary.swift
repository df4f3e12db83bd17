extension FloatLanes {
  /// `rotary`, sixteen pairs a step: `a · cos − (b · sin)` fused is the definition's `fma(a, cos, −(b · sin))`.
  @inlinable @inline(__always)
  public static func rotary(
    _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, heads: Int,
    d: Int
  ) {
    let half = d / 2
    for head in 0..<heads {
      let (first, second) = (x + head * d, x + head * d + half)
      forEachStep(of: half) { i, remaining in
        let (a, b) = (Self(first + i, remaining: remaining), Self(second + i, remaining: remaining))
        let (c, s) = (Self(cosines + i, remaining: remaining), Self(sines + i, remaining: remaining))
        fused(a, c, minus: b * s).store(first + i, remaining: remaining)
        fused(b, c, plus: a * s).store(second + i, remaining: remaining)
      }
    }
  }

  /// `y += x` for one row.
  @inlinable @inline(__always)
  public static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    forEachStep(of: count) { i, remaining in
      let sum = Self(y + i, remaining: remaining) + Self(x + i, remaining: remaining)
      sum.store(y + i, remaining: remaining)
    }
  }
}
