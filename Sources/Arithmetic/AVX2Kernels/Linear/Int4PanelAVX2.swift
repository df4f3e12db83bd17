import CIntrinsics
import LaneBodies
import ScalarKernels

/// ``int4Panel(_:_:_:)`` straight from nibbles, one row and 16 channels at a time.
///
/// A pair of products is at most 2 · 15 · 128 = 3840, so the 8 pairs that a 16-bit lane receives in one
/// group stay within 30720: no step saturates, and one `vpmaddwd` per group multiplies by the step and
/// widens.
@inline(never)
package func int4PanelAVX2(_ rows: QuantizedRows, _ weights: Int4Blocks, _ output: PanelOutput) {
  var channel = 0
  while channel < output.channels {
    let block = ChannelBlock(output, channel: channel, zero: rows.zero &- 128)
    let blocks = weights.advanced(blocks: channel &>> 4)
    for m in 0..<rows.count { multiply(rows, m, blocks, block) }
    channel &+= 16
  }
}

@inline(never)
private func multiply(_ rows: QuantizedRows, _ m: Int, _ weights: Int4Blocks, _ block: ChannelBlock) {
  guard let signed = rows.signed, let groupSums = rows.groupSums else { return }
  let row = UnsafeRawPointer(signed + m &* rows.stride)
  let sums = groupSums + m &* rows.groupStride
  var acc = block.start
  for group in 0..<weights.groups {
    var dot = Integers(_mm256_setzero_si256(), _mm256_setzero_si256())
    for line in group &* 4..<group &* 4 &+ 4 {
      let codes = Integers(at: weights.codes + line &* 64)
      let (a, b) = (broadcastQuad(row, 2 &* line), broadcastQuad(row, 2 &* line &+ 1))
      dot.low = _mm256_add_epi16(dot.low, pairs(codes.low, a, b))
      dot.high = _mm256_add_epi16(dot.high, pairs(codes.high, a, b))
    }
    let groupScales = weights.groupScales + group &* 16
    acc.low = _mm256_add_epi32(acc.low, scaled(dot.low, groupScale(groupScales), sums[group]))
    acc.high = _mm256_add_epi32(acc.high, scaled(dot.high, groupScale(groupScales + 8), sums[group]))
  }
  block.finish(acc, rows, m)
}

/// The products of one line in 16-bit lanes; two pairs of at most 3840 each.
@inline(__always)
private func pairs(_ codes: __m256i, _ a: __m256i, _ b: __m256i) -> __m256i {
  _mm256_add_epi16(_mm256_maddubs_epi16(low(codes), a), _mm256_maddubs_epi16(high(codes), b))
}

/// `step · dot − step · zero · sum`. Every factor fits in 16 bits: step ≤ 16, step · zero ≤ 240, |sum| ≤
/// 4096.
@inline(__always)
private func scaled(_ dot: __m256i, _ groupScale: __m256i, _ sum: Int32) -> __m256i {
  let offsets = _mm256_mullo_epi16(step(groupScale), zero(groupScale))
  return _mm256_sub_epi32(
    _mm256_madd_epi16(dot, inEveryWord(step(groupScale))), _mm256_madd_epi16(offsets, _mm256_set1_epi32(sum)))
}

@inline(__always)
private func low(_ x: __m256i) -> __m256i { _mm256_and_si256(x, _mm256_set1_epi8(15)) }

@inline(__always)
private func high(_ x: __m256i) -> __m256i { low(_mm256_srli_epi16(x, 4)) }

/// Eight group scales, one a lane.
@inline(__always)
private func groupScale(_ groupScales: UnsafePointer<UInt8>) -> __m256i {
  let bytes = UnsafeRawPointer(groupScales).loadUnaligned(as: Int64.self)
  return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(bytes))
}

@inline(__always)
private func step(_ groupScale: __m256i) -> __m256i {
  _mm256_add_epi32(_mm256_and_si256(groupScale, _mm256_set1_epi32(15)), _mm256_set1_epi32(1))
}

@inline(__always)
private func zero(_ groupScale: __m256i) -> __m256i { _mm256_srli_epi32(groupScale, 4) }

@inline(__always)
private func inEveryWord(_ x: __m256i) -> __m256i { _mm256_or_si256(x, _mm256_slli_epi32(x, 16)) }
