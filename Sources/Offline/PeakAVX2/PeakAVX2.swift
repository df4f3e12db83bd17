import CIntrinsics

/// Operations of one round of ``peakInt8AVX2(rounds:)``: 8 steps of 32 products, each with its addition.
package let peakInt8OperationsAVX2 = 8 * 32 * 2

/// As many steps of `vpmaddubsw`, `vpmaddwd` and `vpaddd` as the core can take: the three instructions that
/// a 32-bit sum of byte products costs without VNNI.
///
/// The unsigned operands change each round, so that the compiler cannot take the products out of the loop.
@inline(never)
package func peakInt8AVX2(rounds: Int) -> Int32 {
  let (signed, ones) = (Lanes32(from: 0x0101_ff01), _mm256_set1_epi16(1))
  var (a, b) = (Lanes32(from: 0), Lanes32(from: 4))
  var (x, y) = (_mm256_set1_epi32(0x0102_0304), _mm256_set1_epi32(0x0403_0201))
  for _ in 0..<rounds {
    a.add(x, times: signed, ones)
    b.add(y, times: signed, ones)
    x = _mm256_add_epi8(x, ones)
    y = _mm256_add_epi8(y, ones)
  }
  return a.sum &+ b.sum
}

/// Operations of one round of ``peakFloatAVX2(rounds:)``: 12 `vfmadd` of 8 lanes.
package let peakFloatOperationsAVX2 = 12 * 8 * 2

/// As many float32 `vfmadd` as the core can take, in twelve chains.
@inline(never)
package func peakFloatAVX2(rounds: Int) -> Float {
  let (x, y) = (_mm256_set1_ps(0.5), _mm256_set1_ps(0.25))
  var (a, b, c) = (FloatChains(from: 1), FloatChains(from: 5), FloatChains(from: 9))
  for _ in 0..<rounds {
    a.advance(x, y)
    b.advance(x, y)
    c.advance(x, y)
  }
  return a.sum + b.sum + c.sum
}

/// Reads `count` bytes, a multiple of 4,096, aligned to 32: four streams, which four prefetchers follow.
@inline(never)
package func peakReadAVX2(_ bytes: UnsafeRawPointer, count: Int) -> Int64 {
  let quarter = count / 4
  var (a, b) = (_mm256_setzero_si256(), _mm256_setzero_si256())
  var (c, d) = (_mm256_setzero_si256(), _mm256_setzero_si256())
  for offset in stride(from: 0, to: quarter, by: 64) {
    let line = bytes + offset
    a = _mm256_add_epi64(a, sumOfTwo(line))
    b = _mm256_add_epi64(b, sumOfTwo(line + quarter))
    c = _mm256_add_epi64(c, sumOfTwo(line + 2 &* quarter))
    d = _mm256_add_epi64(d, sumOfTwo(line + 3 &* quarter))
  }
  let sums = _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d))
  return Int64(_mm256_cvtsi256_si32(sums))
}

@inline(__always)
private func sumOfTwo(_ address: UnsafeRawPointer) -> __m256i {
  _mm256_add_epi64(address.load(as: __m256i.self), address.load(fromByteOffset: 32, as: __m256i.self))
}

/// Four registers: sums, or what they multiply.
private struct Lanes32 {
  var v0, v1, v2, v3: __m256i

  /// `value` to `value + 3` in every lane.
  @inline(__always)
  init(from value: Int32) {
    v0 = _mm256_set1_epi32(value)
    v1 = _mm256_set1_epi32(value &+ 1)
    v2 = _mm256_set1_epi32(value &+ 2)
    v3 = _mm256_set1_epi32(value &+ 3)
  }

  @inline(__always)
  mutating func add(_ unsigned: __m256i, times signed: Lanes32, _ ones: __m256i) {
    v0 = _mm256_add_epi32(v0, _mm256_madd_epi16(_mm256_maddubs_epi16(unsigned, signed.v0), ones))
    v1 = _mm256_add_epi32(v1, _mm256_madd_epi16(_mm256_maddubs_epi16(unsigned, signed.v1), ones))
    v2 = _mm256_add_epi32(v2, _mm256_madd_epi16(_mm256_maddubs_epi16(unsigned, signed.v2), ones))
    v3 = _mm256_add_epi32(v3, _mm256_madd_epi16(_mm256_maddubs_epi16(unsigned, signed.v3), ones))
  }

  /// One lane of all four: enough to keep them.
  @inline(__always)
  var sum: Int32 {
    _mm256_cvtsi256_si32(_mm256_add_epi32(_mm256_add_epi32(v0, v1), _mm256_add_epi32(v2, v3)))
  }
}

/// Four registers, each `v = v · x + y` over and over.
private struct FloatChains {
  var v0, v1, v2, v3: __m256

  @inline(__always)
  init(from value: Float) {
    v0 = _mm256_set1_ps(value)
    v1 = _mm256_set1_ps(value + 1)
    v2 = _mm256_set1_ps(value + 2)
    v3 = _mm256_set1_ps(value + 3)
  }

  @inline(__always)
  mutating func advance(_ x: __m256, _ y: __m256) {
    v0 = _mm256_fmadd_ps(v0, x, y)
    v1 = _mm256_fmadd_ps(v1, x, y)
    v2 = _mm256_fmadd_ps(v2, x, y)
    v3 = _mm256_fmadd_ps(v3, x, y)
  }

  /// One lane of all four: enough to keep them.
  @inline(__always)
  var sum: Float { _mm256_cvtss_f32(_mm256_add_ps(_mm256_add_ps(v0, v1), _mm256_add_ps(v2, v3))) }
}
