import CIntrinsics

/// `maximum`: the accumulator is the second operand, so that NaN loses. Missing lanes hold −∞.
@inline(__always)
func maximumAVX512(_ x: UnsafePointer<Float>, count: Int) -> Float {
  let nothing = _mm512_set1_ps(-.infinity)
  var greatest = nothing
  for i in stride(from: 0, to: count, by: 16) {
    greatest = _mm512_max_ps(_mm512_mask_loadu_ps(nothing, laneMask(count - i), x + i), greatest)
  }
  return laneMaximum(greatest)
}

/// `maxIndex` in two passes: the maximum, then the first lane that equals it.
///
/// Adding +0 turns −0 into 0, after which equal floats have equal bits and an integer test finds them.
@inline(never)
public func maxIndexAVX512(_ x: UnsafePointer<Float>, count: Int) -> Int {
  let zero = _mm512_setzero_ps()
  let wanted = _mm512_castps_si512(_mm512_add_ps(_mm512_set1_ps(maximumAVX512(x, count: count)), zero))
  for i in stride(from: 0, to: count, by: 16) {
    let mask = laneMask(count - i)
    let values = _mm512_castps_si512(_mm512_add_ps(_mm512_maskz_loadu_ps(mask, x + i), zero))
    let difference = _mm512_xor_si512(values, wanted)
    let equal = _mm512_mask_testn_epi32_mask(mask, difference, difference)
    if equal != 0 { return i + equal.trailingZeroBitCount }
  }
  return 0
}

/// `firstIndex`: `max(x, threshold)` differs from the threshold in bits exactly where `x` is above it.
@inline(never)
public func firstIndexAVX512(
  in x: UnsafePointer<Float>, from start: Int, count: Int, above threshold: Float
) -> Int {
  let bound = _mm512_set1_ps(threshold)
  for i in stride(from: start, to: count, by: 16) {
    let mask = laneMask(count - i)
    let values = _mm512_max_ps(_mm512_maskz_loadu_ps(mask, x + i), bound)
    let difference = _mm512_xor_si512(_mm512_castps_si512(values), _mm512_castps_si512(bound))
    let above = _mm512_mask_test_epi32_mask(mask, difference, difference)
    if above != 0 { return i + above.trailingZeroBitCount }
  }
  return count
}
