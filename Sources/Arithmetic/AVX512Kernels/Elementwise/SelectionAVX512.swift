import CIntrinsics

/// `maximum`: the accumulators are the second operands, so that NaN loses. Missing lanes hold −∞.
///
/// Two accumulators hide the latency of the comparison; the greatest value does not depend on the order.
@inline(__always)
func maximumAVX512(_ x: UnsafePointer<Float>, count: Int) -> Float {
  let nothing = _mm512_set1_ps(-.infinity)
  var (even, odd) = (nothing, nothing)
  let whole = count & ~31
  for i in stride(from: 0, to: whole, by: 32) {
    even = _mm512_max_ps(_mm512_loadu_ps(x + i), even)
    odd = _mm512_max_ps(_mm512_loadu_ps(x + i + 16), odd)
  }
  for i in stride(from: whole, to: count, by: 16) {
    even = _mm512_max_ps(_mm512_mask_loadu_ps(nothing, laneMask(count - i), x + i), even)
  }
  return laneMaximum(_mm512_max_ps(even, odd))
}

/// `maxIndex` in two passes: the maximum, then the first lane that equals it.
///
/// Adding +0 turns −0 into 0, after which equal floats have equal bits and an integer test finds them.
@inline(never)
package func maxIndexAVX512(_ x: UnsafePointer<Float>, count: Int) -> Int {
  let zero = _mm512_setzero_ps()
  let wanted = _mm512_castps_si512(_mm512_add_ps(_mm512_set1_ps(maximumAVX512(x, count: count)), zero))
  let whole = count & ~15
  for i in stride(from: 0, to: whole, by: 16) {
    let bits = difference(_mm512_loadu_ps(x + i))
    let equal = _mm512_testn_epi32_mask(bits, bits)
    if equal != 0 { return i + equal.trailingZeroBitCount }
  }
  let mask = laneMask(count - whole)
  let last = difference(_mm512_maskz_loadu_ps(mask, x + whole))
  let equal = _mm512_mask_testn_epi32_mask(mask, last, last)
  return equal != 0 ? whole + equal.trailingZeroBitCount : 0

  @inline(__always)
  func difference(_ values: __m512) -> __m512i {
    _mm512_xor_si512(_mm512_castps_si512(_mm512_add_ps(values, zero)), wanted)
  }
}

/// `firstIndex`: `max(x, threshold)` differs from the threshold in bits exactly where `x` is above it.
@inline(never)
package func firstIndexAVX512(
  in x: UnsafePointer<Float>, from start: Int, count: Int, above threshold: Float
) -> Int {
  let bound = _mm512_set1_ps(threshold)
  var i = start
  while i + 16 <= count {
    let found = above(_mm512_loadu_ps(x + i))
    if found != 0 { return i + found.trailingZeroBitCount }
    i += 16
  }
  let mask = laneMask(count - i)
  let found = above(_mm512_mask_loadu_ps(bound, mask, x + i))
  return found != 0 ? i + found.trailingZeroBitCount : count

  @inline(__always)
  func above(_ values: __m512) -> __mmask16 {
    let bits = _mm512_xor_si512(_mm512_castps_si512(_mm512_max_ps(values, bound)), _mm512_castps_si512(bound))
    return _mm512_test_epi32_mask(bits, bits)
  }
}
