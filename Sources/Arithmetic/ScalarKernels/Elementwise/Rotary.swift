/// Rotates the pairs `(i, i + d/2)` of each head in place by the angles of one position (rotate-half form).
///
/// `y₁ = fma(x₁, cos, −(x₂ · sin))`, `y₂ = fma(x₂, cos, x₁ · sin)`.
///
/// - Parameters:
///   - x: `[heads][d]`, `d` even.
///   - cosines: `[d / 2]`.
///   - sines: `[d / 2]`.
public func rotary(
  _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, heads: Int,
  d: Int
) {
  let half = d / 2
  for head in 0..<heads {
    let (first, second) = (x + head * d, x + head * d + half)
    for i in 0..<half {
      let (a, b) = (first[i], second[i])
      first[i] = (-(b * sines[i])).addingProduct(a, cosines[i])
      second[i] = (a * sines[i]).addingProduct(b, cosines[i])
    }
  }
}
