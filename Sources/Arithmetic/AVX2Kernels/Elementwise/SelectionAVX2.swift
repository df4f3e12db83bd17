import CIntrinsics

/// `maximum`: the accumulator is the second operand, so that NaN loses.
@inline(__always)
func maximumAVX2(_ x: UnsafePointer<Float>, count: Int) -> Float {
  var greatest = Lanes(repeating: -.infinity)
  for i in stride(from: 0, to: count, by: 16) {
    greatest.merge(greater(Lanes(x + i, remaining: count - i), greatest), remaining: count - i)
  }
  return greatest.maximum
}

/// `maxIndex` in two passes: the maximum, then the first lane that equals it.
///
/// Adding +0 turns −0 into 0, after which equal floats have equal bits.
@inline(never)
package func maxIndexAVX2(_ x: UnsafePointer<Float>, count: Int) -> Int {
  let zero = Lanes(repeating: 0)
  let wanted = Lanes(repeating: maximumAVX2(x, count: count)) + zero
  for i in stride(from: 0, to: count, by: 16) {
    let equal = equalBits(Lanes(x + i, remaining: count - i) + zero, wanted)
    let lane = equal.trailingZeroBitCount
    if lane < min(count - i, 16) { return i + lane }
  }
  return 0
}

/// `firstIndex`: `max(x, threshold)` differs from the threshold in bits exactly where `x` is above it.
@inline(never)
package func firstIndexAVX2(
  in x: UnsafePointer<Float>, from start: Int, count: Int, above threshold: Float
) -> Int {
  let bound = Lanes(repeating: threshold)
  for i in stride(from: start, to: count, by: 16) {
    let above = ~equalBits(greater(Lanes(x + i, remaining: count - i), bound), bound)
    let lane = above.trailingZeroBitCount
    if lane < min(count - i, 16) { return i + lane }
  }
  return count
}

/// One bit a lane, lane 0 lowest: whether both have the same bits.
@inline(__always)
private func equalBits(_ a: Lanes, _ b: Lanes) -> UInt16 {
  let low = _mm256_cmpeq_epi32(_mm256_castps_si256(a.low), _mm256_castps_si256(b.low))
  let high = _mm256_cmpeq_epi32(_mm256_castps_si256(a.high), _mm256_castps_si256(b.high))
  let bits = _mm256_movemask_ps(_mm256_castsi256_ps(low)) | _mm256_movemask_ps(_mm256_castsi256_ps(high)) << 8
  return UInt16(truncatingIfNeeded: bits)
}
