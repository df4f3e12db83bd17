import CIntrinsics

/// `rmsNorm`: the sum of squares in one register of sixteen lanes, then one masked pass.
@inline(never)
public func rmsNormAVX512(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
  epsilon: Float
) {
  let r = 1 / (laneDotAVX512(x, x, count: count) / Float(count) + epsilon).squareRoot()
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), _mm512_set1_ps(r))
    _mm512_mask_storeu_ps(y + i, mask, _mm512_mul_ps(scaled, _mm512_maskz_loadu_ps(mask, weight + i)))
  }
}

/// `layerNorm` in three passes over a row that fits the first-level cache.
@inline(never)
public func layerNormAVX512(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, count: Int, epsilon: Float
) {
  let (mean, r) = layerNormMoments(x, count: count, epsilon: epsilon)
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let centred = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), mean)
    let w = _mm512_maskz_loadu_ps(mask, weight + i)
    let result = _mm512_fmadd_ps(_mm512_mul_ps(centred, r), w, _mm512_maskz_loadu_ps(mask, bias + i))
    _mm512_mask_storeu_ps(y + i, mask, result)
  }
}

/// Mean and reciprocal standard deviation of a row, in every lane.
@inline(__always)
func layerNormMoments(
  _ x: UnsafePointer<Float>, count: Int, epsilon: Float
) -> (mean: __m512, reciprocal: __m512) {
  let (whole, tail) = (count & ~15, laneMask(count & 15))
  var sum = _mm512_setzero_ps()
  for i in stride(from: 0, to: whole, by: 16) { sum = _mm512_add_ps(sum, _mm512_loadu_ps(x + i)) }
  sum = _mm512_mask_add_ps(sum, tail, sum, _mm512_maskz_loadu_ps(tail, x + whole))
  let mean = _mm512_set1_ps(laneTotal(sum) / Float(count))
  var squares = _mm512_setzero_ps()
  for i in stride(from: 0, to: whole, by: 16) {
    let centred = _mm512_sub_ps(_mm512_loadu_ps(x + i), mean)
    squares = _mm512_fmadd_ps(centred, centred, squares)
  }
  let centred = _mm512_sub_ps(_mm512_maskz_loadu_ps(tail, x + whole), mean)
  squares = _mm512_mask3_fmadd_ps(centred, centred, squares, tail)
  return (mean, _mm512_set1_ps(1 / (laneTotal(squares) / Float(count) + epsilon).squareRoot()))
}
