import CIntrinsics
import ScalarKernels

/// `prepareHead`, 64 channels at a time: a lane is a channel, so nothing is added across lanes.
///
/// Rows lie kilobytes apart, mostly each in its own page of memory: four cache lines of a row are read together, by
/// four columns of sixteen channels. A column that the head does not have repeats the last one, and so do its
/// results.
@inline(never)
package func prepareHeadAVX512(
  _ format: HeadFormat, _ rows: KeyValueRows, tokens: Range<Int>, _ ranges: HeadRanges,
  head: UnsafeMutableRawPointer
) {
  let keyRows = TokenRows(format, rows.keys, rows.stride, tokens)
  let valueRows = TokenRows(format, rows.values, rows.stride, tokens)
  for c in Swift.stride(from: 0, to: format.channels, by: 64) {
    let k = HeadColumns(keyRows, c, ranges, part: 0, limit: format.keyLimit)
    if tokens.lowerBound == 0 { k.storeScales(head + format.keyScales) }
    k.storeKeys(head + format.keyCodes)

    let v = HeadColumns(valueRows, c, ranges, part: 1, limit: format.valueLimit)
    if tokens.lowerBound == 0 {
      v.storeScales(head + format.valueScales)
      v.storeOffsets(head + format.valueOffsets, bias: format.valueBias)
    }
    v.storeValues(head + format.valueCodes, bias: format.valueBias)
  }
}

/// One head's rows of K or V.
private struct TokenRows {
  /// Those that are quantized.
  let tokens: Range<Int>
  private let last: Int
  let headSize: Int
  let channels: Int
  private let base: UnsafePointer<Float>
  private let stride: Int

  @inline(__always)
  init(_ format: HeadFormat, _ base: UnsafePointer<Float>, _ stride: Int, _ tokens: Range<Int>) {
    self.tokens = tokens
    last = format.tokens - 1
    headSize = format.headSize
    channels = format.channels
    self.base = base
    self.stride = stride
  }

  /// The row of token `t`, or of the last one.
  @inline(__always)
  subscript(_ t: Int) -> UnsafePointer<Float> { base + min(t, last) * stride }
}

/// Four columns of K or V.
private struct HeadColumns {
  private let a, b, c, d: HeadColumn
  private let rows: TokenRows

  @inline(__always)
  init(_ rows: TokenRows, _ channel: Int, _ ranges: HeadRanges, part: Int, limit: Int) {
    self.rows = rows
    let last = rows.channels - 16
    a = HeadColumn(rows, channel, ranges, part, limit)
    b = HeadColumn(rows, min(channel + 16, last), ranges, part, limit)
    c = HeadColumn(rows, min(channel + 32, last), ranges, part, limit)
    d = HeadColumn(rows, min(channel + 48, last), ranges, part, limit)
  }

  @inline(__always)
  func storeScales(_ section: UnsafeMutableRawPointer) {
    a.storeScale(section)
    b.storeScale(section)
    c.storeScale(section)
    d.storeScale(section)
  }

  @inline(__always)
  func storeOffsets(_ section: UnsafeMutableRawPointer, bias: Int) {
    a.storeOffset(section, bias)
    b.storeOffset(section, bias)
    c.storeOffset(section, bias)
    d.storeOffset(section, bias)
  }

  @inline(__always)
  func storeKeys(_ section: UnsafeMutableRawPointer) {
    for t in stride(from: rows.tokens.lowerBound, to: rows.tokens.upperBound, by: 16) {
      let line = section + t * rows.channels
      a.storeKeys(rows, t, line)
      b.storeKeys(rows, t, line)
      c.storeKeys(rows, t, line)
      d.storeKeys(rows, t, line)
    }
  }

  @inline(__always)
  func storeValues(_ section: UnsafeMutableRawPointer, bias: Int) {
    for t in stride(from: rows.tokens.lowerBound, to: rows.tokens.upperBound, by: 4) {
      let line = section + t * rows.channels
      a.storeValues(rows, t, line, bias)
      b.storeValues(rows, t, line, bias)
      c.storeValues(rows, t, line, bias)
      d.storeValues(rows, t, line, bias)
    }
  }
}

/// Sixteen channels, and what makes codes of their values.
private struct HeadColumn {
  private let channel: Int
  private let mask: __mmask16
  private let limit: Int
  private let low, scale, inverse: __m512

  @inline(__always)
  init(_ rows: TokenRows, _ channel: Int, _ ranges: HeadRanges, _ part: Int, _ limit: Int) {
    self.channel = channel
    self.limit = limit
    mask = laneMask(rows.headSize - channel)
    var range = ColumnRange()
    for share in 0..<ranges.shares {
      let base = ranges.base + share * ranges.stride + 2 * part * rows.channels + channel
      range.include(_mm512_loadu_ps(base), _mm512_loadu_ps(base + rows.channels))
    }
    low = range.low
    scale = _mm512_div_ps(_mm512_sub_ps(range.high, low), _mm512_set1_ps(Float(limit)))
    let reciprocal = _mm512_div_ps(_mm512_set1_ps(1), scale)
    inverse = _mm512_min_ps(reciprocal, _mm512_set1_ps(.greatestFiniteMagnitude))
  }

  @inline(__always)
  func storeScale(_ section: UnsafeMutableRawPointer) { _mm512_storeu_ps(section + 4 * channel, scale) }

  @inline(__always)
  func storeOffset(_ section: UnsafeMutableRawPointer, _ bias: Int) {
    _mm512_storeu_ps(section + 4 * channel, _mm512_fmadd_ps(scale, _mm512_set1_ps(Float(bias)), low))
  }

  /// Four tokens' codes: 128-bit lane L holds channels 4·L…, a word for each token.
  ///
  /// Packing saturates, which is the definition's clamp: no product but NaN leaves the integers (it is at most
  /// about 2^bits), and NaN converts to the least integer.
  @inline(__always)
  private func codes(_ rows: TokenRows, _ t: Int) -> __m512i {
    let low = _mm512_packs_epi32(code(rows[t]), code(rows[t + 1]))
    let high = _mm512_packs_epi32(code(rows[t + 2]), code(rows[t + 3]))
    let codes = _mm512_packus_epi16(low, high)
    return _mm512_min_epu8(codes, _mm512_set1_epi8(Int8(truncatingIfNeeded: limit)))
  }

  @inline(__always)
  private func code(_ row: UnsafePointer<Float>) -> __m512i {
    let x = _mm512_maskz_loadu_ps(mask, row + channel)
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_sub_ps(x, low), inverse))
  }

  /// Lines of 16 tokens × 4 channels: the lanes of four registers of codes, transposed.
  @inline(__always)
  func storeKeys(_ rows: TokenRows, _ t: Int, _ lines: UnsafeMutableRawPointer) {
    let (a, b) = (codes(rows, t), codes(rows, t + 4))
    let (c, d) = (codes(rows, t + 8), codes(rows, t + 12))
    let evens = (lanes(a, b, even), lanes(c, d, even))
    let odds = (lanes(a, b, odd), lanes(c, d, odd))
    let line = lines + 16 * channel
    _mm512_storeu_si512(line, lanes(evens.0, evens.1, even))
    _mm512_storeu_si512(line + 64, lanes(odds.0, odds.1, even))
    _mm512_storeu_si512(line + 128, lanes(evens.0, evens.1, odd))
    _mm512_storeu_si512(line + 192, lanes(odds.0, odds.1, odd))
  }

  /// A line of 4 tokens × 16 channels: within each 128 bits, 4 × 4 bytes transposed.
  @inline(__always)
  func storeValues(_ rows: TokenRows, _ t: Int, _ lines: UnsafeMutableRawPointer, _ bias: Int) {
    let transposed = _mm512_broadcast_i32x4(
      _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15))
    let codes = _mm512_shuffle_epi8(codes(rows, t), transposed)
    let middle = _mm512_set1_epi8(Int8(truncatingIfNeeded: bias))
    _mm512_storeu_si512(lines + 4 * channel, _mm512_sub_epi8(codes, middle))
  }
}

/// Two registers' 128-bit lanes, by pairs of 64-bit indices.
@inline(__always)
private func lanes(_ a: __m512i, _ b: __m512i, _ order: __m512i) -> __m512i {
  _mm512_permutex2var_epi64(a, order, b)
}

/// Lanes 0 and 2 of both, and lanes 1 and 3.
private var even: __m512i { SIMD8(0, 1, 4, 5, 8, 9, 12, 13) }
private var odd: __m512i { SIMD8(2, 3, 6, 7, 10, 11, 14, 15) }
