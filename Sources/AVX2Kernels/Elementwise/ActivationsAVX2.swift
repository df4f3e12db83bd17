import CIntrinsics
import ScalarKernels

/// `gelu` of eight values. `vmaxps(0, x)` returns `x` for NaN and for −0, as the definition's comparison
/// does.
@inline(__always)
func geluAVX2(_ x: __m256) -> __m256 {
  typealias C = GELUConstants
  let one = _mm256_set1_ps(1)
  let a = _mm256_min_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0), x), _mm256_set1_ps(C.limit))
  let t = _mm256_div_ps(one, _mm256_fmadd_ps(_mm256_set1_ps(C.p), a, one))
  var q = _mm256_fmadd_ps(_mm256_set1_ps(C.b5), t, _mm256_set1_ps(C.b4))
  q = _mm256_fmadd_ps(q, t, _mm256_set1_ps(C.b3))
  q = _mm256_fmadd_ps(q, t, _mm256_set1_ps(C.b2))
  q = _mm256_fmadd_ps(q, t, _mm256_set1_ps(C.b1))
  let exponent = _mm256_mul_ps(_mm256_mul_ps(a, a), _mm256_set1_ps(C.halfLog2e))
  let h = _mm256_mul_ps(_mm256_mul_ps(q, t), approximateExp2AVX2(exponent))
  return _mm256_fnmadd_ps(a, h, _mm256_max_ps(_mm256_setzero_ps(), x))
}

/// `gelu` of one row, sixteen values a step.
@inline(never)
public func geluAVX2(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
  for i in stride(from: 0, to: count, by: 16) {
    let v = Lanes(x + i, remaining: count - i)
    Lanes(geluAVX2(v.low), geluAVX2(v.high)).store(y + i, remaining: count - i)
  }
}

/// `siluGate`; negation commutes with the rounding of `g · log₂ e`, so the constant carries the sign.
@inline(never)
public func siluGateAVX2(
  _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
) {
  for i in stride(from: 0, to: count, by: 16) {
    let g = Lanes(gate + i, remaining: count - i)
    let e = approximateExp2AVX2(g * Lanes(repeating: -Exp2Constants.log2e))
    let silu = g / (Lanes(repeating: 1) + e)
    (silu * Lanes(up + i, remaining: count - i)).store(y + i, remaining: count - i)
  }
}
