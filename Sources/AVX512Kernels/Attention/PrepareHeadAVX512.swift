import CIntrinsics
import ScalarKernels

/// `prepareHead`, sixteen channels at a time: a lane is a channel, so nothing is added across lanes.
@inline(never)
public func prepareHeadAVX512(
  _ format: HeadFormat, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, stride: Int,
  head: UnsafeMutableRawPointer
) {
  for c in Swift.stride(from: 0, to: format.channels, by: 16) {
    let mask = laneMask(format.headSize - c)
    prepareKeys(HeadColumns(format, keys + c, stride, mask, limit: format.keyLimit), format, c, head)
    prepareValues(HeadColumns(format, values + c, stride, mask, limit: format.valueLimit), format, c, head)
  }
}

/// Sixteen channels of K or V, and what makes codes of their values.
private struct HeadColumns {
  let low: __m512
  let scale: __m512
  private let base: UnsafePointer<Float>
  private let stride: Int
  private let last: Int
  private let mask: __mmask16
  private let inverse: __m512
  private let limit: __m512i

  @inline(__always)
  init(_ format: HeadFormat, _ base: UnsafePointer<Float>, _ stride: Int, _ mask: __mmask16, limit: Int) {
    self.base = base
    self.stride = stride
    self.mask = mask
    last = format.tokens - 1
    var (low, high) = (_mm512_set1_ps(.infinity), _mm512_set1_ps(-.infinity))
    for t in 0..<format.tokens {
      let x = _mm512_maskz_loadu_ps(mask, base + t * stride)
      low = _mm512_min_ps(x, low)
      high = _mm512_max_ps(x, high)
    }
    self.low = low
    scale = _mm512_div_ps(_mm512_sub_ps(high, low), _mm512_set1_ps(Float(limit)))
    let reciprocal = _mm512_div_ps(_mm512_set1_ps(1), scale)
    inverse = _mm512_min_ps(reciprocal, _mm512_set1_ps(.greatestFiniteMagnitude))
    self.limit = _mm512_set1_epi8(Int8(truncatingIfNeeded: limit))
  }

  /// Four tokens' codes: 128-bit lane L holds channels 4·L…, a word for each token.
  ///
  /// Packing saturates, which is the definition's clamp: no product but NaN leaves the integers (it is at most
  /// about 2^bits), and NaN converts to the least integer.
  @inline(__always)
  func codes(_ t: Int) -> __m512i {
    let low = _mm512_packs_epi32(code(t), code(t + 1))
    let high = _mm512_packs_epi32(code(t + 2), code(t + 3))
    return _mm512_min_epu8(_mm512_packus_epi16(low, high), limit)
  }

  @inline(__always)
  private func code(_ t: Int) -> __m512i {
    let x = _mm512_maskz_loadu_ps(mask, base + min(t, last) * stride)
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_sub_ps(x, low), inverse))
  }
}

@inline(__always)
private func store(_ x: __m512, _ head: UnsafeMutableRawPointer, _ section: Int, _ channel: Int) {
  _mm512_storeu_ps(head + section + 4 * channel, x)
}

/// Lines of 16 tokens × 4 channels: the lanes of four registers of codes, transposed.
@inline(__always)
private func prepareKeys(
  _ columns: HeadColumns, _ format: HeadFormat, _ c: Int, _ head: UnsafeMutableRawPointer
) {
  store(columns.scale, head, format.keyScales, c)
  for t in stride(from: 0, to: format.tokens, by: 16) {
    let (a, b) = (columns.codes(t), columns.codes(t + 4))
    let (d, e) = (columns.codes(t + 8), columns.codes(t + 12))
    let line = head + format.keyPosition(token: t, channel: c)
    let evens = (lanes(a, b, even), lanes(d, e, even))
    let odds = (lanes(a, b, odd), lanes(d, e, odd))
    _mm512_storeu_si512(line, lanes(evens.0, evens.1, even))
    _mm512_storeu_si512(line + 64, lanes(odds.0, odds.1, even))
    _mm512_storeu_si512(line + 128, lanes(evens.0, evens.1, odd))
    _mm512_storeu_si512(line + 192, lanes(odds.0, odds.1, odd))
  }
}

/// Two registers' 128-bit lanes by pairs of 64-bit indices.
@inline(__always)
private func lanes(_ a: __m512i, _ b: __m512i, _ order: SIMD8<Int64>) -> __m512i {
  _mm512_permutex2var_epi64(a, order, b)
}

/// Lanes 0 and 2 of both, and lanes 1 and 3.
private var even: SIMD8<Int64> { SIMD8(0, 1, 4, 5, 8, 9, 12, 13) }
private var odd: SIMD8<Int64> { SIMD8(2, 3, 6, 7, 10, 11, 14, 15) }

/// Lines of 4 tokens × 16 channels: within each 128 bits, 4 × 4 bytes transposed.
@inline(__always)
private func prepareValues(
  _ columns: HeadColumns, _ format: HeadFormat, _ c: Int, _ head: UnsafeMutableRawPointer
) {
  let bias = Float(format.valueBias)
  store(columns.scale, head, format.valueScales, c)
  store(_mm512_fmadd_ps(columns.scale, _mm512_set1_ps(bias), columns.low), head, format.valueOffsets, c)
  let middle = _mm512_set1_epi8(Int8(truncatingIfNeeded: format.valueBias))
  let transposed = _mm512_broadcast_i32x4(
    _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15))
  for t in stride(from: 0, to: format.tokens, by: 4) {
    let codes = _mm512_shuffle_epi8(columns.codes(t), transposed)
    _mm512_storeu_si512(head + format.valuePosition(token: t, channel: c), _mm512_sub_epi8(codes, middle))
  }
}
