import CIntrinsics
import ScalarKernels

/// `sealPage`, sixteen channels at a time: a lane is a channel, so nothing is added across lanes.
@inline(never)
package func sealPageAVX2(
  _ format: PageFormat, keys: UnsafePointer<Float16>, values: UnsafePointer<Float16>,
  page: UnsafeMutableRawPointer
) {
  for c in stride(from: 0, to: format.channels, by: 16) {
    sealKeys(format, keys + c, channel: c, page: page)
    sealValues(format, values + c, channel: c, page: page)
  }
  let used = 2 * format.channels
  for section in [format.keyScales, format.keyOffsets, format.valueScales, format.valueOffsets] {
    (page + section + used).initializeMemory(as: UInt8.self, repeating: 0, count: (64 - used % 64) % 64)
  }
}

/// Sixteen channels' least value, and their scales and reciprocal scales after rounding to float16.
private struct ChannelRange {
  let low: Lanes
  let scale: Lanes
  let inverse: Lanes

  @inline(__always)
  init(
    _ column: UnsafePointer<Float16>, stride: Int, limit: Float,
    scales: UnsafeMutablePointer<Float16>
  ) {
    var (low, high) = (Lanes(repeating: .infinity), Lanes(repeating: -.infinity))
    for t in 0..<PageFormat.tokens {
      let x = Lanes(half: column + t * stride)
      low = lesser(x, low)
      high = greater(x, high)
    }
    ((high - low) / Lanes(repeating: limit)).store(half: scales)
    self.low = low
    scale = Lanes(half: scales)
    let quotient = Lanes(repeating: 1) / scale
    inverse = Lanes(zeroWhereZero(quotient.low, scale.low), zeroWhereZero(quotient.high, scale.high))
  }

  /// `rint(clamp((x − origin) · inverse, low, high))`; NaN gives `low`.
  @inline(__always)
  func codes(_ x: Lanes, from origin: Lanes, _ low: Float, _ high: Float) -> IntegerLanes {
    let y = greater((x - origin) * inverse, Lanes(repeating: low))
    return lesser(y, Lanes(repeating: high)).rounded
  }
}

/// `a < b ? a : b` lane by lane: `b` where either is NaN.
@inline(__always)
func lesser(_ a: Lanes, _ b: Lanes) -> Lanes {
  Lanes(_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high))
}

/// `x`, but 0 where `scale` is 0, of either sign.
@inline(__always)
private func zeroWhereZero(_ x: __m256, _ scale: __m256) -> __m256 {
  let magnitude = _mm256_and_si256(_mm256_castps_si256(scale), _mm256_set1_epi32(.max))
  return _mm256_andnot_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(magnitude, _mm256_setzero_si256())), x)
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
  range.low.store(half: section(page, format.keyOffsets, channel))
  let linesPerBlock = format.channels * format.keyBits / 32
  for t in 0..<PageFormat.tokens {
    let codes = range.codes(Lanes(half: column + t * format.channels), from: range.low, 0, limit)
    let words = unsafeBitCast(codes.unsignedBytes, to: SIMD4<UInt32>.self)
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
  fused(range.scale, Lanes(repeating: limit), range.low).store(half: offsets)
  let offset = Lanes(half: offsets)

  /// Codes of token `t` in the low bits of each lane.
  @inline(__always)
  func codes(_ t: Int) -> IntegerLanes {
    range.codes(Lanes(half: column + t * format.channels), from: offset, -limit, limit - 1)
  }
  let tokensPerLine = 32 / format.valueBits
  for first in stride(from: 0, to: PageFormat.tokens, by: tokensPerLine) {
    var words = IntegerLanes(repeating: 0)
    for i in 0..<4 {
      let shift = _mm_cvtsi32_si128(Int32(8 * i))
      if format.valueBits == 8 {
        let x = codes(first + i)
        words.low = withByte(words.low, x.low, shift)
        words.high = withByte(words.high, x.high, shift)
      } else {
        let (x, y) = (codes(first + i), codes(first + i + 4))
        words.low = withByte(words.low, nibbles(x.low, y.low), shift)
        words.high = withByte(words.high, nibbles(x.high, y.high), shift)
      }
    }
    let line = first / tokensPerLine * (format.channels / 16) + channel / 16
    let target = (page + format.valueCodes + 64 * line).assumingMemoryBound(to: __m256i.self)
    _mm256_storeu_si256(target, words.low)
    _mm256_storeu_si256(target + 1, words.high)
  }
}

/// Puts the low byte of each lane of `x` into `words`, `shift` bits up.
@inline(__always)
private func withByte(_ words: __m256i, _ x: __m256i, _ shift: __m128i) -> __m256i {
  _mm256_or_si256(words, _mm256_sll_epi32(_mm256_and_si256(x, _mm256_set1_epi32(0xff)), shift))
}

/// Two codes −8…7 as the biased nibbles of a byte.
@inline(__always)
private func nibbles(_ low: __m256i, _ high: __m256i) -> __m256i {
  let eight = _mm256_set1_epi32(8)
  return _mm256_or_si256(_mm256_add_epi32(low, eight), _mm256_slli_epi32(_mm256_add_epi32(high, eight), 4))
}
