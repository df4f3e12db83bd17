import CIntrinsics

/// `rotary`, sixteen pairs a step.
@inline(never)
package func rotaryAVX2(
  _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, heads: Int,
  d: Int
) {
  let half = d / 2
  for head in 0..<heads {
    let (first, second) = (x + head * d, x + head * d + half)
    for i in stride(from: 0, to: half, by: 16) {
      let left = half - i
      let (a, b) = (Lanes(first + i, remaining: left), Lanes(second + i, remaining: left))
      let (c, s) = (Lanes(cosines + i, remaining: left), Lanes(sines + i, remaining: left))
      difference(a, c, b * s).store(first + i, remaining: left)
      fused(b, c, a * s).store(second + i, remaining: left)
    }
  }
}

/// `a · b − c` with one rounding.
@inline(__always)
private func difference(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes {
  Lanes(_mm256_fmsub_ps(a.low, b.low, c.low), _mm256_fmsub_ps(a.high, b.high, c.high))
}

/// `y += x`.
@inline(never)
package func addAVX2(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
  for i in stride(from: 0, to: count, by: 16) {
    let left = count - i
    (Lanes(y + i, remaining: left) + Lanes(x + i, remaining: left)).store(y + i, remaining: left)
  }
}
