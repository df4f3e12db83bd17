import CIntrinsics
import ScalarKernels

/// `gelu` of sixteen values. The bounds come first: `vmaxps` and `vminps` return the second operand for NaN, as the
/// definition's comparisons do.
@inline(__always)
func geluAVX512(_ x: __m512) -> __m512 {
  typealias C = GELUConstants
  let raised = _mm512_max_ps(_mm512_set1_ps(-C.limit), x)
  let magnitude = _mm512_abs_ps(raised)
  let u = _mm512_min_ps(_mm512_set1_ps(C.limit), magnitude)
  let segment = _mm512_castps_si512(
    _mm512_fmadd_ps(u, _mm512_set1_ps(C.segmentsPerUnit), _mm512_set1_ps(C.shifter)))
  @inline(__always)
  func coefficient(_ table: SIMD16<Float>) -> __m512 {
    _mm512_permutexvar_ps(segment, unsafeBitCast(table, to: __m512.self))
  }
  let q = _mm512_fmadd_ps(_mm512_fmadd_ps(coefficient(C.c2), u, coefficient(C.c1)), u, coefficient(C.c0))
  return _mm512_fmadd_ps(magnitude, q, _mm512_mul_ps(raised, _mm512_set1_ps(0.5)))
}

/// `gelu` of one row, sixteen values a step.
@inline(never)
package func geluAVX512(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    _mm512_mask_storeu_ps(y + i, mask, geluAVX512(_mm512_maskz_loadu_ps(mask, x + i)))
  }
}

/// `siluGate`; negation commutes with the rounding of `g · log₂ e`, so the constant carries the sign.
@inline(never)
package func siluGateAVX512(
  _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let g = _mm512_maskz_loadu_ps(mask, gate + i)
    let e = approximateExp2AVX512(_mm512_mul_ps(g, _mm512_set1_ps(-Exp2Constants.log2e)))
    let silu = _mm512_div_ps(g, _mm512_add_ps(_mm512_set1_ps(1), e))
    _mm512_mask_storeu_ps(y + i, mask, _mm512_mul_ps(silu, _mm512_maskz_loadu_ps(mask, up + i)))
  }
}
