import CIntrinsics
import LaneBodies
import ScalarKernels

/// `attendHead`, a row at a time: the head's codes stay in the first-level cache.
@inline(never)
package func attendHeadAVX2(
  _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer, _ rows: HeadRows,
  scratch: UnsafeMutableRawPointer
) {
  let head = HeadAVX2(numbers, format, head, scratch)
  for row in 0..<rows.count {
    let step = head.fold(rows.queries + row * rows.queryStride)
    let top = head.score()
    let sum = head.weigh(below: top, step)
    head.accumulate(sum, rows.output + row * rows.outputStride)
  }
}

/// One head while a row attends to it.
private struct HeadAVX2 {
  let numbers: AttentionNumbers
  let format: HeadFormat
  let head: UnsafeRawPointer
  let table: WeightTable
  /// The row's int8 query codes, its weights and its int32 scores.
  let query: UnsafeMutableRawPointer
  let weights: UnsafeMutableRawPointer
  let scores: UnsafeMutableRawPointer

  @inline(__always)
  init(
    _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer,
    _ scratch: UnsafeMutableRawPointer
  ) {
    self.numbers = numbers
    self.format = format
    self.head = head
    table = WeightTable(numbers.table)
    let padded = (format.tokens + 63) & ~63
    scores = scratch
    weights = scratch + 4 * padded
    query = weights + padded
  }

  @inline(__always)
  func lanes(_ section: Int, _ c: Int) -> Lanes {
    Lanes((head + section).assumingMemoryBound(to: Float.self) + c, remaining: 16)
  }

  /// Writes the codes of the query times K's channel scales; returns the step of its scores.
  ///
  /// Saturation is the definition's clamp: only NaN leaves the range of the codes.
  @inline(__always)
  func fold(_ row: UnsafePointer<Float>) -> Float {
    @inline(__always)
    func folded(_ c: Int) -> Lanes {
      Lanes(row + c, remaining: format.headSize - c) * lanes(format.keyScales, c)
    }
    var largest = Lanes(repeating: 0)
    for c in stride(from: 0, to: format.channels, by: 16) {
      largest = Lanes.greater(folded(c).magnitude, largest)
    }
    let absmax = largest.maximum
    let inverse = Lanes(repeating: min(numbers.queryLimit / absmax, .greatestFiniteMagnitude))
    for c in stride(from: 0, to: format.channels, by: 16) {
      store((folded(c) * inverse).rounded.signedBytes, query + c)
    }
    return min(absmax * numbers.stepScale, AttentionNumbers.largestStep)
  }

  /// Writes the scores; returns the largest.
  @inline(__always)
  func score() -> Int32 {
    var largest = Integers(repeating: .min)
    for t in stride(from: 0, to: format.tokens, by: 16) {
      var sums = Integers(repeating: 0)
      let lines = head + format.keyCodes + t * format.channels
      for i in 0..<format.channels / 4 {
        sums.add(keys: lines + 64 * i, query: broadcastWord(query, i), narrow: format.keyBits == 4)
      }
      let target = (scores + 4 * t).assumingMemoryBound(to: __m256i.self)
      _mm256_storeu_si256(target, sums.low)
      _mm256_storeu_si256(target + 1, sums.high)
      largest.low = _mm256_max_epi32(largest.low, sums.low)
      largest.high = _mm256_max_epi32(largest.high, sums.high)
    }
    return unsafeBitCast(_mm256_max_epi32(largest.low, largest.high), to: SIMD8<Int32>.self).max()
  }

  /// Writes the weights, 0 beyond the last token; returns their sum.
  @inline(__always)
  func weigh(below top: Int32, _ step: Float) -> Int32 {
    var sums = _mm_setzero_si128()
    let (tops, steps) = (_mm256_set1_epi32(top), Lanes(repeating: step))
    for t in stride(from: 0, to: format.tokens, by: 16) {
      let scores = (scores + 4 * t).assumingMemoryBound(to: __m256i.self)
      let below = Integers(
        _mm256_sub_epi32(tops, _mm256_loadu_si256(scores)),
        _mm256_sub_epi32(tops, _mm256_loadu_si256(scores + 1)))
      let weights = _mm_and_si128(weights(Lanes(below) * steps), validBytes(format.tokens - t))
      store(weights, self.weights + t)
      sums = _mm_add_epi64(sums, _mm_sad_epu8(weights, _mm_setzero_si128()))
    }
    return Int32(truncatingIfNeeded: sums[0] &+ sums[1])
  }

  /// The weights of sixteen tokens that lie `distance` steps below the largest.
  @inline(__always)
  private func weights(_ distance: Lanes) -> __m128i {
    if numbers.codesPerOctave == 0 {
      let powers = Lanes.approximateExp2(Lanes(repeating: 0) - distance)
      return (Lanes(repeating: 255) * powers).rounded.unsignedBytes
    }
    return table[_mm_min_epu8(distance.rounded.unsignedBytes, _mm_set1_epi8(63))]
  }

  /// Writes the weighted mean of V.
  @inline(__always)
  func accumulate(_ sum: Int32, _ output: UnsafeMutablePointer<Float>) {
    let inverse = Lanes(repeating: 1 / Float(sum))
    for c in stride(from: 0, to: format.channels, by: 16) {
      var sums = Integers(repeating: 0)
      for i in 0..<(format.tokens + 3) / 4 {
        sums.add(
          weights: broadcastWord(weights, i),
          values: head + format.valueCodes + 4 * (i * format.channels + c), narrow: format.valueBits == 4)
      }
      let mean = Lanes(sums) * inverse
      Lanes.fused(mean, lanes(format.valueScales, c), plus: lanes(format.valueOffsets, c))
        .store(output + c, remaining: format.headSize - c)
    }
  }
}

/// All bits of the first `count` of sixteen bytes.
@inline(__always)
private func validBytes(_ count: Int) -> __m128i {
  let bound = _mm_set1_epi8(Int8(truncatingIfNeeded: min(count, 16)))
  return _mm_cmpgt_epi8(bound, _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
}

@inline(__always)
private func store(_ x: __m128i, _ p: UnsafeMutableRawPointer) {
  _mm_storeu_si128(p.assumingMemoryBound(to: __m128i.self), x)
}

/// The 64 weights of the log codes, in four registers that `vpshufb` reads.
private struct WeightTable {
  private let a, b, c, d: __m128i

  @inline(__always)
  init(_ bytes: UnsafePointer<UInt8>) {
    let quarters = UnsafeRawPointer(bytes).assumingMemoryBound(to: __m128i.self)
    (a, b) = (_mm_loadu_si128(quarters), _mm_loadu_si128(quarters + 1))
    (c, d) = (_mm_loadu_si128(quarters + 2), _mm_loadu_si128(quarters + 3))
  }

  /// The weights of sixteen codes 0…63.
  @inline(__always)
  subscript(codes: __m128i) -> __m128i {
    let low = _mm_or_si128(quarter(a, codes, 0), quarter(b, codes, 16))
    return _mm_or_si128(low, _mm_or_si128(quarter(c, codes, 32), quarter(d, codes, 48)))
  }

  /// Weights of the codes `first ..< first + 16`, 0 for the others: the addition saturates so that exactly the
  /// others get the bit that makes `vpshufb` write 0.
  @inline(__always)
  private func quarter(_ weights: __m128i, _ codes: __m128i, _ first: Int8) -> __m128i {
    let index = _mm_adds_epu8(_mm_sub_epi8(codes, _mm_set1_epi8(first)), _mm_set1_epi8(0x70))
    return _mm_shuffle_epi8(weights, index)
  }
}
