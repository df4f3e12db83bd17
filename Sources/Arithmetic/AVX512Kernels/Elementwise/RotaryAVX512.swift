import CIntrinsics

/// `rotary`, sixteen pairs a step. `fmsub(a, cos, b · sin)` is the definition's `fma(a, cos, −(b · sin))`.
@inline(never)
package func rotaryAVX512(
  _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, heads: Int,
  d: Int
) {
  let half = d / 2
  for head in 0..<heads {
    let (first, second) = (x + head * d, x + head * d + half)
    for i in stride(from: 0, to: half, by: 16) {
      let mask = laneMask(half - i)
      let (a, b) = (_mm512_maskz_loadu_ps(mask, first + i), _mm512_maskz_loadu_ps(mask, second + i))
      let (c, s) = (_mm512_maskz_loadu_ps(mask, cosines + i), _mm512_maskz_loadu_ps(mask, sines + i))
      _mm512_mask_storeu_ps(first + i, mask, _mm512_fmsub_ps(a, c, _mm512_mul_ps(b, s)))
      _mm512_mask_storeu_ps(second + i, mask, _mm512_fmadd_ps(b, c, _mm512_mul_ps(a, s)))
    }
  }
}

/// `y += x`.
@inline(never)
package func addAVX512(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let sum = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, y + i), _mm512_maskz_loadu_ps(mask, x + i))
    _mm512_mask_storeu_ps(y + i, mask, sum)
  }
}
