import CIntrinsics
import LaneBodies
import ScalarKernels

/// Four bytes at `row + 4 · quad` in every lane.
@inline(__always)
func broadcastQuad(_ row: UnsafeRawPointer, _ quad: Int) -> __m256i {
  _mm256_set1_epi32(row.loadUnaligned(fromByteOffset: quad &* 4, as: Int32.self))
}

/// All bits of the lanes `i..<i + 8` that are below `count`.
@inline(__always)
func lanes(from i: Int, below count: Int) -> __m256i {
  let remaining = Int32(truncatingIfNeeded: max(0, min(8, count &- i)))
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(remaining), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
}

/// Up to 16 output channels: which of them exist, and their epilogue.
struct ChannelBlock {
  let output: PanelOutput
  /// `−zero · sum` of each channel: what every row's accumulator starts from.
  let start: Integers
  private let present: Integers

  /// The block at `channel`; `zero` is that of the signed codes.
  @inline(__always)
  init(_ whole: PanelOutput, channel: Int, zero: Int32) {
    let count = min(whole.channels &- channel, 16)
    output = whole.slice(row: 0, channel: channel, count: count)
    present = Integers(lanes(from: 0, below: count), lanes(from: 8, below: count))
    let factor = _mm256_set1_epi32(0 &- zero)
    let sums = Integers(at: output.columnSums)
    start = Integers(_mm256_mullo_epi32(factor, sums.low), _mm256_mullo_epi32(factor, sums.high))
  }

  /// The epilogue for row `m`; `acc` is already corrected for the zero point.
  @inline(__always)
  func finish(_ acc: Integers, _ rows: QuantizedRows, _ m: Int) {
    let scale = _mm256_set1_ps(rows.scales[m])
    finish(acc.low, 0, present.low, scale, m)
    finish(acc.high, 8, present.high, scale, m)
  }

  @inline(__always)
  private func finish(_ acc: __m256i, _ lane: Int, _ mask: __m256i, _ rowScale: __m256, _ m: Int) {
    let scale = _mm256_mul_ps(rowScale, _mm256_loadu_ps(output.scales + lane))
    var y = _mm256_fmadd_ps(_mm256_cvtepi32_ps(acc), scale, _mm256_loadu_ps(output.bias + lane))
    let index = m &* output.stride &+ lane
    if let residual = output.residual { y = _mm256_add_ps(y, _mm256_maskload_ps(residual + index, mask)) }
    _mm256_maskstore_ps(output.base + index, mask, y)
  }
}
