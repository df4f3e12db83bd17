import CIntrinsics

extension Lanes {
  /// Sixteen float16 values as floats.
  @inline(__always)
  init(half p: UnsafePointer<Float16>) {
    let halves = UnsafeRawPointer(p).assumingMemoryBound(to: __m128i.self)
    self.init(_mm256_cvtph_ps(_mm_loadu_si128(halves)), _mm256_cvtph_ps(_mm_loadu_si128(halves + 1)))
  }

  /// Rounds the lanes to float16. (The compiler makes this `vcvtps2ph`, whose own intrinsic is a macro.)
  @inline(__always)
  func store(half p: UnsafeMutablePointer<Float16>) {
    for i in 0..<8 { p[i] = Float16(low[i]) }
    for i in 0..<8 { p[8 + i] = Float16(high[i]) }
  }

  /// `rint` of every lane.
  @inline(__always)
  var rounded: IntegerLanes { IntegerLanes(low: _mm256_cvtps_epi32(low), high: _mm256_cvtps_epi32(high)) }
}

/// Sixteen 32-bit integers.
struct IntegerLanes {
  var low: __m256i
  var high: __m256i

  @inline(__always)
  init(low: __m256i, high: __m256i) {
    self.low = low
    self.high = high
  }

  @inline(__always)
  init(repeating value: Int32) {
    low = _mm256_set1_epi32(value)
    high = low
  }

  @inline(__always)
  var floats: Lanes { Lanes(_mm256_cvtepi32_ps(low), _mm256_cvtepi32_ps(high)) }

  /// The lanes as sixteen 16-bit integers, saturated; exact for codes.
  @inline(__always)
  private var words: (__m128i, __m128i) {
    (
      _mm_packs_epi32(_mm256_castsi256_si128(low), low.highHalf),
      _mm_packs_epi32(_mm256_castsi256_si128(high), high.highHalf)
    )
  }

  /// The lanes as bytes, each in −128…127.
  @inline(__always)
  var signedBytes: __m128i { _mm_packs_epi16(words.0, words.1) }

  /// The lanes as bytes, each in 0…255.
  @inline(__always)
  var unsignedBytes: __m128i { _mm_packus_epi16(words.0, words.1) }
}

/// `storeHalf` of the definition.
@inline(never)
package func storeHalfAVX2(
  _ source: UnsafePointer<Float>, sourceStride: Int, rows: Int, headSize: Int, channels: Int,
  target: UnsafeMutablePointer<Float16>
) {
  for row in 0..<rows {
    for c in stride(from: 0, to: channels, by: 16) {
      Lanes(source + row * sourceStride + c, remaining: headSize - c).store(half: target + row * channels + c)
    }
  }
}
