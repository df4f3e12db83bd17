import CIntrinsics
import ScalarKernels

/// `sealPage`, sixteen channels at a time: a lane is a channel, so nothing is added across lanes.
@inline(never)
package func sealPageAVX512(
  _ format: PageFormat, keys: UnsafePointer<Float16>, values: UnsafePointer<Float16>,
  page: UnsafeMutableRawPointer
) {
  for c in stride(from: 0, to: format.channels, by: 16) {
    sealKeys(format, keys + c, channel: c, page: page)
    sealValues(format, values + c, channel: c, page: page)
  }
  clearPadding(format, page)
}

/// The bytes between the scale sections, where 2 · channels is no multiple of 64.
@inline(__always)
private func clearPadding(_ format: PageFormat, _ page: UnsafeMutableRawPointer) {
  let used = 2 * format.channels
  for section in [format.keyScales, format.keyOffsets, format.valueScales, format.valueOffsets] {
    let gap = (64 - used % 64) % 64
    (page + section + used).initializeMemory(as: UInt8.self, repeating: 0, count: gap)
  }
}

/// Sixteen channels' least value, and their scales and reciprocal scales after rounding to float16.
private struct ChannelRange {
  let low: __m512
  let scale: __m512
  let inverse: __m512

  @inline(__always)
  init(
    _ column: UnsafePointer<Float16>, stride: Int, limit: Float,
    scales: UnsafeMutablePointer<Float16>
  ) {
    var (low, high) = (_mm512_set1_ps(.infinity), _mm512_set1_ps(-.infinity))
    for t in 0..<PageFormat.tokens {
      let x = loadHalf(column + t * stride)
      low = _mm512_min_ps(x, low)
      high = _mm512_max_ps(x, high)
    }
    storeHalf(_mm512_div_ps(_mm512_sub_ps(high, low), _mm512_set1_ps(limit)), scales)
    self.low = low
    scale = loadHalf(scales)
    let notZero = _mm512_test_epi32_mask(_mm512_castps_si512(scale), _mm512_set1_epi32(.max))
    inverse = _mm512_maskz_div_ps(notZero, _mm512_set1_ps(1), scale)
  }

  /// `rint(clamp((x − origin) · inverse, low, high))`; NaN gives `low`.
  @inline(__always)
  func codes(_ x: __m512, from origin: __m512, _ low: Float, _ high: Float) -> __m512i {
    let y = _mm512_max_ps(_mm512_mul_ps(_mm512_sub_ps(x, origin), inverse), _mm512_set1_ps(low))
    return _mm512_cvtps_epi32(_mm512_min_ps(y, _mm512_set1_ps(high)))
  }
}

@inline(__always)
private func section(
  _ page: UnsafeMutableRawPointer, _ offset: Int, _ channel: Int
) -> UnsafeMutablePointer<Float16> {
  (page + offset).assumingMemoryBound(to: Float16.self) + channel
}

/// Sixteen channels of K: a token's codes are four words of four channels, each for its own line.
@inline(__always)
private func sealKeys(
  _ format: PageFormat, _ column: UnsafePointer<Float16>, channel: Int,
  page: UnsafeMutableRawPointer
) {
  let limit = Float(format.keyLimit)
  let range = ChannelRange(
    column, stride: format.channels, limit: limit,
    scales: section(page, format.keyScales, channel))
  storeHalf(range.low, section(page, format.keyOffsets, channel))
  let linesPerBlock = format.channels * format.keyBits / 32
  for t in 0..<PageFormat.tokens {
    let codes = range.codes(loadHalf(column + t * format.channels), from: range.low, 0, limit)
    let words = unsafeBitCast(_mm512_cvtepi32_epi8(codes), to: SIMD4<UInt32>.self)
    let line = t / 16 * linesPerBlock + channel * format.keyBits / 32
    let word = (page + format.keyCodes + 64 * line + 4 * (t % 16)).assumingMemoryBound(to: UInt32.self)
    if format.keyBits == 8 {
      for i in 0..<4 { word[16 * i] = words[i] }
    } else {
      for i in 0..<2 { word[16 * i] = words[2 * i] | words[2 * i + 1] << 4 }
    }
  }
}

/// Sixteen channels of V: a word holds one channel of four tokens, or of eight as nibbles.
@inline(__always)
private func sealValues(
  _ format: PageFormat, _ column: UnsafePointer<Float16>, channel: Int,
  page: UnsafeMutableRawPointer
) {
  let limit = Float(format.valueLimit)
  let range = ChannelRange(
    column, stride: format.channels, limit: 2 * limit - 1,
    scales: section(page, format.valueScales, channel))
  let offsets = section(page, format.valueOffsets, channel)
  // scale · limit is exact, limit being a power of two: one rounding, as in the definition.
  storeHalf(_mm512_fmadd_ps(range.scale, _mm512_set1_ps(limit), range.low), offsets)
  let offset = loadHalf(offsets)

  /// Codes of token `t` in the low bits of each lane.
  @inline(__always)
  func codes(_ t: Int) -> __m512i {
    range.codes(loadHalf(column + t * format.channels), from: offset, -limit, limit - 1)
  }
  let tokensPerLine = 32 / format.valueBits
  let bytes = _mm512_set1_epi32(0xff)
  for first in stride(from: 0, to: PageFormat.tokens, by: tokensPerLine) {
    var words = _mm512_setzero_si512()
    for i in 0..<4 {
      var byte = codes(first + i)
      if format.valueBits == 4 {
        let eight = _mm512_set1_epi32(8)
        let high = _mm512_slli_epi32(_mm512_add_epi32(codes(first + i + 4), eight), 4)
        byte = _mm512_or_epi32(_mm512_add_epi32(byte, eight), high)
      }
      let shift = _mm_cvtsi32_si128(Int32(8 * i))
      words = _mm512_or_epi32(words, _mm512_sll_epi32(_mm512_and_epi32(byte, bytes), shift))
    }
    let line = first / tokensPerLine * (format.channels / 16) + channel / 16
    _mm512_storeu_si512(page + format.valueCodes + 64 * line, words)
  }
}
