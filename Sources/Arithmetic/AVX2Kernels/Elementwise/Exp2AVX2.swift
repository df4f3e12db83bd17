import CIntrinsics
import ScalarKernels

/// `approximateExp2` of eight values; see the AVX-512 form for why the conversion may replace `rint`.
@inline(__always)
func approximateExp2AVX2(_ x: __m256) -> __m256 {
  let low = _mm256_max_ps(x, _mm256_set1_ps(-Exp2Constants.limit))
  let clamped = _mm256_min_ps(low, _mm256_set1_ps(Exp2Constants.limit))
  let n = _mm256_cvtps_epi32(clamped)
  let f = _mm256_sub_ps(clamped, _mm256_cvtepi32_ps(n))
  var p = _mm256_fmadd_ps(_mm256_set1_ps(Exp2Constants.c5), f, _mm256_set1_ps(Exp2Constants.c4))
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(Exp2Constants.c3))
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(Exp2Constants.c2))
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(Exp2Constants.c1))
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(Exp2Constants.c0))
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), _mm256_slli_epi32(n, 23)))
}

/// `approximateExp` of eight values.
@inline(__always)
func approximateExpAVX2(_ x: __m256) -> __m256 {
  approximateExp2AVX2(_mm256_mul_ps(x, _mm256_set1_ps(Exp2Constants.log2e)))
}

/// `approximateExp2` of sixteen lanes.
@inline(__always)
func approximateExp2AVX2(_ x: Lanes) -> Lanes {
  Lanes(approximateExp2AVX2(x.low), approximateExp2AVX2(x.high))
}

/// `approximateExp` of sixteen lanes.
@inline(__always)
func approximateExpAVX2(_ x: Lanes) -> Lanes { Lanes(approximateExpAVX2(x.low), approximateExpAVX2(x.high)) }
