import CIntrinsics
import ScalarKernels

/// `gelu` of eight values. The bounds come first: `vmaxps` and `vminps` return the second operand for NaN, as the
/// definition's comparisons do.
@inline(__always)
func geluAVX2(_ x: __m256) -> __m256 {
  typealias C = GELUConstants
  let raised = _mm256_max_ps(_mm256_set1_ps(-C.limit), x)
  let magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0), raised)
  let u = _mm256_min_ps(_mm256_set1_ps(C.limit), magnitude)
  let segment = _mm256_castps_si256(
    _mm256_fmadd_ps(u, _mm256_set1_ps(C.segmentsPerUnit), _mm256_set1_ps(C.shifter)))
  /// Bit 3 of a segment, as the sign by which halves of a table are chosen.
  let upper = _mm256_castsi256_ps(_mm256_slli_epi32(segment, 28))
  @inline(__always)
  func coefficient(_ table: SIMD16<Float>) -> __m256 {
    _mm256_blendv_ps(
      _mm256_permutevar8x32_ps(unsafeBitCast(table.lowHalf, to: __m256.self), segment),
      _mm256_permutevar8x32_ps(unsafeBitCast(table.highHalf, to: __m256.self), segment), upper)
  }
  let q = _mm256_fmadd_ps(_mm256_fmadd_ps(coefficient(C.c2), u, coefficient(C.c1)), u, coefficient(C.c0))
  return _mm256_fmadd_ps(magnitude, q, _mm256_mul_ps(raised, _mm256_set1_ps(0.5)))
}

/// `gelu` of one row, sixteen values a step.
@inline(never)
package func geluAVX2(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  for i in stride(from: 0, to: count, by: 16) {
    let v = Lanes(x + i, remaining: count - i)
    Lanes(geluAVX2(v.low), geluAVX2(v.high)).store(y + i, remaining: count - i)
  }
}

/// `siluGate`; negation commutes with the rounding of `g · log₂ e`, so the constant carries the sign.
@inline(never)
package func siluGateAVX2(
  _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  for i in stride(from: 0, to: count, by: 16) {
    let g = Lanes(gate + i, remaining: count - i)
    let e = approximateExp2AVX2(g * Lanes(repeating: -Exp2Constants.log2e))
    let silu = g / (Lanes(repeating: 1) + e)
    (silu * Lanes(up + i, remaining: count - i)).store(y + i, remaining: count - i)
  }
}
