import CIntrinsics
import ScalarKernels

/// `gelu` of eight values. The bounds come first: `vmaxps` and `vminps` return the second operand for NaN, as the
/// definition's comparisons do.
@inline(__always)
func geluAVX2(_ x: __m256) -> __m256 {
  typealias C = GELUConstants
  let raised = _mm256_max_ps(_mm256_set1_ps(-C.limit), x)
  let u = _mm256_min_ps(_mm256_set1_ps(C.limit), raised)
  let square = _mm256_mul_ps(u, u)
  var q = _mm256_fmadd_ps(_mm256_set1_ps(C.c8), square, _mm256_set1_ps(C.c7))
  q = _mm256_fmadd_ps(q, square, _mm256_set1_ps(C.c6))
  q = _mm256_fmadd_ps(q, square, _mm256_set1_ps(C.c5))
  q = _mm256_fmadd_ps(q, square, _mm256_set1_ps(C.c4))
  q = _mm256_fmadd_ps(q, square, _mm256_set1_ps(C.c3))
  q = _mm256_fmadd_ps(q, square, _mm256_set1_ps(C.c2))
  q = _mm256_fmadd_ps(q, square, _mm256_set1_ps(C.c1))
  q = _mm256_fmadd_ps(q, square, _mm256_set1_ps(C.c0))
  return _mm256_mul_ps(raised, _mm256_fmadd_ps(u, q, _mm256_set1_ps(0.5)))
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
