import CIntrinsics
import LaneBodies
import ScalarKernels

/// `measureHead`, sixteen channels at a time: a lane is a channel, so nothing is compared across lanes.
@inline(never)
package func measureHeadAVX2(
  _ format: HeadFormat, _ rows: KeyValueRows, count: Int, into ranges: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func measure(_ base: UnsafePointer<Float>, _ c: Int, _ target: UnsafeMutablePointer<Float>) {
    var range = ColumnRange()
    for row in 0..<count {
      let x = Lanes(base + row * rows.stride + c, remaining: format.headSize - c)
      range.include(x, x)
    }
    range.low.store(target + c, remaining: 16)
    range.high.store(target + format.channels + c, remaining: 16)
  }
  for c in Swift.stride(from: 0, to: format.channels, by: 16) {
    measure(rows.keys, c, ranges)
    measure(rows.values, c, ranges + 2 * format.channels)
  }
}

/// `prepareHead`, sixteen channels at a time.
@inline(never)
package func prepareHeadAVX2(
  _ format: HeadFormat, _ rows: KeyValueRows, tokens: Range<Int>, _ ranges: HeadRanges,
  head: UnsafeMutableRawPointer
) {
  for c in Swift.stride(from: 0, to: format.channels, by: 16) {
    let keys = HeadColumns(
      format, rows.keys, rows.stride, c, ColumnRange(ranges, c, of: format.channels), limit: format.keyLimit)
    prepareKeys(keys, format, tokens, c, head)
    let values = HeadColumns(
      format, rows.values, rows.stride, c, ColumnRange(ranges, c + 2 * format.channels, of: format.channels),
      limit: format.valueLimit)
    prepareValues(values, format, tokens, c, head)
  }
}

/// The least and greatest values of sixteen channels.
private struct ColumnRange {
  var low = Lanes(repeating: .infinity)
  var high = Lanes(repeating: -.infinity)

  @inline(__always)
  init() {}

  /// That of all shares, whose least values lie `offset` floats into each.
  @inline(__always)
  init(_ ranges: HeadRanges, _ offset: Int, of channels: Int) {
    for share in 0..<ranges.shares {
      let base = ranges.base + share * ranges.stride + offset
      include(Lanes(base, remaining: 16), Lanes(base + channels, remaining: 16))
    }
  }

  @inline(__always)
  mutating func include(_ otherLow: Lanes, _ otherHigh: Lanes) {
    low = Lanes.lesser(otherLow, low)
    high = Lanes.greater(otherHigh, high)
  }
}

/// Sixteen channels of K or V, and what makes codes of their values.
private struct HeadColumns {
  let low: Lanes
  let scale: Lanes
  private let base: UnsafePointer<Float>
  private let stride: Int
  private let last: Int
  private let remaining: Int
  private let inverse: Lanes
  private let limit: __m128i

  @inline(__always)
  init(
    _ format: HeadFormat, _ source: UnsafePointer<Float>, _ stride: Int, _ c: Int, _ range: ColumnRange,
    limit: Int
  ) {
    base = source + c
    self.stride = stride
    remaining = format.headSize - c
    last = format.tokens - 1
    low = range.low
    scale = (range.high - range.low) / Lanes(repeating: Float(limit))
    inverse = Lanes.lesser(Lanes(repeating: 1) / scale, Lanes(repeating: .greatestFiniteMagnitude))
    self.limit = _mm_set1_epi8(Int8(truncatingIfNeeded: limit))
  }

  /// The sixteen codes of a token; packing saturates, which is the definition's clamp.
  @inline(__always)
  func codes(_ t: Int) -> __m128i {
    let x = Lanes(base + min(t, last) * stride, remaining: remaining)
    return _mm_min_epu8(((x - low) * inverse).rounded.unsignedBytes, limit)
  }
}

@inline(__always)
private func store(_ x: Lanes, _ head: UnsafeMutableRawPointer, _ section: Int, _ channel: Int) {
  x.store((head + section).assumingMemoryBound(to: Float.self) + channel, remaining: 16)
}

@inline(__always)
private func store(_ x: __m128i, _ p: UnsafeMutableRawPointer) {
  _mm_storeu_si128(p.assumingMemoryBound(to: __m128i.self), x)
}

/// Lines of 16 tokens × 4 channels: four tokens' words, transposed, are a quarter of four lines.
@inline(__always)
private func prepareKeys(
  _ columns: HeadColumns, _ format: HeadFormat, _ tokens: Range<Int>, _ channel: Int,
  _ head: UnsafeMutableRawPointer
) {
  if tokens.lowerBound == 0 { store(columns.scale, head, format.keyScales, channel) }
  for t in stride(from: tokens.lowerBound, to: (tokens.upperBound + 15) & ~15, by: 4) {
    let (a, b, c, d) = (columns.codes(t), columns.codes(t + 1), columns.codes(t + 2), columns.codes(t + 3))
    let (ab, cd) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d))
    let (abHigh, cdHigh) = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d))
    let line = head + format.keyPosition(token: t, channel: channel)
    store(_mm_unpacklo_epi64(ab, cd), line)
    store(_mm_unpackhi_epi64(ab, cd), line + 64)
    store(_mm_unpacklo_epi64(abHigh, cdHigh), line + 128)
    store(_mm_unpackhi_epi64(abHigh, cdHigh), line + 192)
  }
}

/// Lines of 4 tokens × 16 channels: four tokens' bytes, interleaved.
@inline(__always)
private func prepareValues(
  _ columns: HeadColumns, _ format: HeadFormat, _ tokens: Range<Int>, _ channel: Int,
  _ head: UnsafeMutableRawPointer
) {
  if tokens.lowerBound == 0 {
    store(columns.scale, head, format.valueScales, channel)
    let bias = Lanes(repeating: Float(format.valueBias))
    store(Lanes.fused(columns.scale, bias, plus: columns.low), head, format.valueOffsets, channel)
  }
  let middle = _mm_set1_epi8(Int8(truncatingIfNeeded: format.valueBias))
  /// A token's codes around zero.
  @inline(__always)
  func codes(_ t: Int) -> __m128i { _mm_sub_epi8(columns.codes(t), middle) }
  for t in stride(from: tokens.lowerBound, to: tokens.upperBound, by: 4) {
    let (a, b, c, d) = (codes(t), codes(t + 1), codes(t + 2), codes(t + 3))
    let (ab, cd) = (_mm_unpacklo_epi8(a, b), _mm_unpacklo_epi8(c, d))
    let (abHigh, cdHigh) = (_mm_unpackhi_epi8(a, b), _mm_unpackhi_epi8(c, d))
    let line = head + format.valuePosition(token: t, channel: channel)
    store(_mm_unpacklo_epi16(ab, cd), line)
    store(_mm_unpackhi_epi16(ab, cd), line + 16)
    store(_mm_unpacklo_epi16(abHigh, cdHigh), line + 32)
    store(_mm_unpackhi_epi16(abHigh, cdHigh), line + 48)
  }
}
