import CIntrinsics
import ScalarKernels

/// `gelu` of sixteen values. `vmaxps(0, x)` returns `x` for NaN and for −0, as the definition's comparison
/// does.
@inline(__always)
func geluAVX512(_ x: __m512) -> __m512 {
  typealias C = GELUConstants
  let one = _mm512_set1_ps(1)
  let a = _mm512_min_ps(_mm512_abs_ps(x), _mm512_set1_ps(C.limit))
  let t = _mm512_div_ps(one, _mm512_fmadd_ps(_mm512_set1_ps(C.p), a, one))
  var q = _mm512_fmadd_ps(_mm512_set1_ps(C.b5), t, _mm512_set1_ps(C.b4))
  q = _mm512_fmadd_ps(q, t, _mm512_set1_ps(C.b3))
  q = _mm512_fmadd_ps(q, t, _mm512_set1_ps(C.b2))
  q = _mm512_fmadd_ps(q, t, _mm512_set1_ps(C.b1))
  let exponent = _mm512_mul_ps(_mm512_mul_ps(a, a), _mm512_set1_ps(C.halfLog2e))
  let h = _mm512_mul_ps(_mm512_mul_ps(q, t), approximateExp2AVX512(exponent))
  return _mm512_fnmadd_ps(a, h, _mm512_max_ps(_mm512_setzero_ps(), x))
}

/// `gelu` of one row, sixteen values a step.
@inline(never)
public func geluAVX512(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    _mm512_mask_storeu_ps(y + i, mask, geluAVX512(_mm512_maskz_loadu_ps(mask, x + i)))
  }
}

/// `siluGate`; negation commutes with the rounding of `g · log₂ e`, so the constant carries the sign.
@inline(never)
public func siluGateAVX512(
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
