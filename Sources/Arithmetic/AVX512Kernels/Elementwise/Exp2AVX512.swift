import CIntrinsics
import ScalarKernels

/// `approximateExp2` of sixteen values.
///
/// `vmaxps(x, bound)` returns the bound for NaN, as the definition's comparison does. The conversion to
/// integers rounds to nearest even (the mode that every thread keeps) and replaces `rint`: it may turn −0
/// into +0, which `x − n` and the polynomial cannot tell apart.
@inline(__always)
func approximateExp2AVX512(_ x: __m512) -> __m512 {
  let low = _mm512_max_ps(x, _mm512_set1_ps(-Exp2Constants.limit))
  let clamped = _mm512_min_ps(low, _mm512_set1_ps(Exp2Constants.limit))
  let n = _mm512_cvtps_epi32(clamped)
  let f = _mm512_sub_ps(clamped, _mm512_cvtepi32_ps(n))
  var p = _mm512_fmadd_ps(_mm512_set1_ps(Exp2Constants.c5), f, _mm512_set1_ps(Exp2Constants.c4))
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(Exp2Constants.c3))
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(Exp2Constants.c2))
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(Exp2Constants.c1))
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(Exp2Constants.c0))
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p), _mm512_slli_epi32(n, 23)))
}

/// `approximateExp` of sixteen values.
@inline(__always)
func approximateExpAVX512(_ x: __m512) -> __m512 {
  approximateExp2AVX512(_mm512_mul_ps(x, _mm512_set1_ps(Exp2Constants.log2e)))
}
