import CIntrinsics
import ScalarKernels

/// `measureHead`, 64 channels at a time: a lane is a channel, so nothing is compared across lanes.
@inline(never)
package func measureHeadAVX512(
  _ format: HeadFormat, _ rows: KeyValueRows, count: Int, into ranges: UnsafeMutablePointer<Float>
) {
  for c in Swift.stride(from: 0, to: format.channels, by: 64) {
    measure(format, rows.keys, rows.stride, count, c, ranges)
    measure(format, rows.values, rows.stride, count, c, ranges + 2 * format.channels)
  }
}

/// Four columns of sixteen channels, for which a row's four cache lines are read together. One that the head does not
/// have repeats the last.
@inline(__always)
private func measure(
  _ format: HeadFormat, _ rows: UnsafePointer<Float>, _ stride: Int, _ count: Int, _ c: Int,
  _ target: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func channel(_ column: Int) -> Int { min(c + 16 * column, format.channels - 16) }
  var ranges = InlineArray<4, ColumnRange>(repeating: ColumnRange())
  let masks = InlineArray<4, __mmask16> { laneMask(format.headSize - channel($0)) }
  for row in 0..<count {
    for column in 0..<4 {
      let x = _mm512_maskz_loadu_ps(masks[column], rows + row * stride + channel(column))
      ranges[column].include(x, x)
    }
  }
  for column in 0..<4 {
    _mm512_storeu_ps(target + channel(column), ranges[column].low)
    _mm512_storeu_ps(target + format.channels + channel(column), ranges[column].high)
  }
}

/// The least and greatest values of sixteen channels; of equals the first, and NaN is neither.
struct ColumnRange {
  private(set) var low = _mm512_set1_ps(.infinity)
  private(set) var high = _mm512_set1_ps(-.infinity)

  @inline(__always)
  mutating func include(_ otherLow: __m512, _ otherHigh: __m512) {
    low = _mm512_min_ps(otherLow, low)
    high = _mm512_max_ps(otherHigh, high)
  }
}
