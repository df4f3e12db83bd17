import CIntrinsics
import ScalarKernels

/// `softmax`: maximum, exponentials with their sum, division.
@inline(never)
package func softmaxAVX512(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, inverseTemperature: Float
) {
  let greatest = _mm512_set1_ps(maximumAVX512(x, count: count))
  let c = _mm512_set1_ps(inverseTemperature * Exp2Constants.log2e)
  var sum = _mm512_setzero_ps()
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let below = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), greatest)
    let e = approximateExp2AVX512(_mm512_mul_ps(below, c))
    _mm512_mask_storeu_ps(y + i, mask, e)
    sum = _mm512_mask_add_ps(sum, mask, sum, e)
  }
  let total = _mm512_set1_ps(laneTotal(sum))
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    _mm512_mask_storeu_ps(y + i, mask, _mm512_div_ps(_mm512_maskz_loadu_ps(mask, y + i), total))
  }
}

/// `logSumExp`; the one logarithm is the definition's.
@inline(never)
package func logSumExpAVX512(_ x: UnsafePointer<Float>, count: Int) -> Float {
  let greatest = maximumAVX512(x, count: count)
  var sum = _mm512_setzero_ps()
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let below = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), _mm512_set1_ps(greatest))
    sum = _mm512_mask_add_ps(sum, mask, sum, approximateExpAVX512(below))
  }
  return logSumExp(maximum: greatest, sum: laneTotal(sum))
}
