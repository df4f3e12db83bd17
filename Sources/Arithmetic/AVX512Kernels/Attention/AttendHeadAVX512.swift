import CIntrinsics
import ScalarKernels

/// `attendHead` with `vpdpbusd` for both products: K's unsigned codes times the query's signed ones, unsigned
/// weights times V's signed codes. Lane t of a score register is token t, so scores need no horizontal sum.
///
/// Four rows go through the head together. In both products a tile is four rows by four registers: 16 accumulators
/// hide the latency of the multiplies, and eight loads feed 16 of them. Where fewer than four rows are left, the last
/// one fills the tile and is written once.
@inline(never)
package func attendHeadAVX512(
  _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer, _ rows: HeadRows,
  scratch: UnsafeMutableRawPointer
) {
  let head = HeadAVX512(numbers, format, head, scratch)
  for first in stride(from: 0, to: rows.count, by: HeadAVX512.rows) {
    let steps = head.fold(rows, first)
    let sums = head.weigh(below: head.score(), steps)
    head.accumulate(sums, rows, first)
  }
}

/// One head while four rows attend to it.
struct HeadAVX512 {
  static let rows = 4

  let numbers: AttentionNumbers
  let format: HeadFormat
  let head: UnsafeRawPointer
  /// Tokens rounded up to the 64 whose weights fill a register.
  let padded: Int
  /// The rows' scores, `[4][padded]` int32.
  let scores: UnsafeMutableRawPointer
  /// The rows' weights, `[4][padded]` bytes.
  let weights: UnsafeMutableRawPointer
  /// The rows' int8 query codes, `[4][channels]`.
  let queryCodes: UnsafeMutableRawPointer

  @inline(__always)
  init(
    _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer,
    _ scratch: UnsafeMutableRawPointer
  ) {
    self.numbers = numbers
    self.format = format
    self.head = head
    padded = (format.tokens + 63) & ~63
    scores = scratch
    weights = scratch + 16 * padded
    queryCodes = weights + 4 * padded
  }

  @inline(__always)
  func floats(_ section: Int) -> UnsafePointer<Float> { (head + section).assumingMemoryBound(to: Float.self) }

  @inline(__always)
  func query(_ row: Int) -> UnsafeMutableRawPointer { queryCodes + row * format.channels }

  @inline(__always)
  func scores(_ row: Int) -> UnsafeMutableRawPointer { scores + 4 * row * padded }

  @inline(__always)
  func weights(_ row: Int) -> UnsafeMutableRawPointer { weights + row * padded }

  /// Multiplies queries `first…` by K's channel scales and rounds them to int8 codes; returns the
  /// steps of their scores.
  @inline(__always)
  func fold(_ rows: HeadRows, _ first: Int) -> SIMD4<Float> {
    let last = rows.count - 1
    let (base, stride) = (rows.queries, rows.queryStride)
    let steps = fold(
      base + first * stride, base + min(first + 1, last) * stride, base + min(first + 2, last) * stride,
      base + min(first + 3, last) * stride)
    prefetch(rows, first + Self.rows)
    return steps
  }

  /// Fetches the next queries while these are worked on: rows lie too far apart for the hardware to see a stream.
  @inline(__always)
  private func prefetch(_ rows: HeadRows, _ first: Int) {
    for row in first..<first + Self.rows {
      let query = rows.queries + min(row, rows.count - 1) * rows.queryStride
      for c in stride(from: 0, to: format.headSize, by: 16) { prefetch_line(query + c) }
    }
  }

  @inline(__always)
  private func fold(
    _ q0: UnsafePointer<Float>, _ q1: UnsafePointer<Float>, _ q2: UnsafePointer<Float>,
    _ q3: UnsafePointer<Float>
  ) -> SIMD4<Float> {
    var largest = (_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps())
    for c in stride(from: 0, to: format.channels, by: 16) {
      largest.0 = _mm512_max_ps(_mm512_abs_ps(folded(q0, c)), largest.0)
      largest.1 = _mm512_max_ps(_mm512_abs_ps(folded(q1, c)), largest.1)
      largest.2 = _mm512_max_ps(_mm512_abs_ps(folded(q2, c)), largest.2)
      largest.3 = _mm512_max_ps(_mm512_abs_ps(folded(q3, c)), largest.3)
    }
    // No lane is negative or NaN: floats that are ordered as their bits.
    let maxima = FourRegisters(
      _mm512_castps_si512(largest.0), _mm512_castps_si512(largest.1), _mm512_castps_si512(largest.2),
      _mm512_castps_si512(largest.3)
    ).laneMaxima
    let absmax = unsafeBitCast(maxima, to: SIMD4<Float>.self)
    let inverses = atMost(.greatestFiniteMagnitude, numbers.queryLimit / absmax)
    for c in stride(from: 0, to: format.channels, by: 16) {
      quantize(q0, c, inverses[0], query(0))
      quantize(q1, c, inverses[1], query(1))
      quantize(q2, c, inverses[2], query(2))
      quantize(q3, c, inverses[3], query(3))
    }
    return atMost(AttentionNumbers.largestStep, absmax * numbers.stepScale)
  }

  @inline(__always)
  private func folded(_ query: UnsafePointer<Float>, _ c: Int) -> __m512 {
    let x = _mm512_maskz_loadu_ps(laneMask(format.headSize - c), query + c)
    return _mm512_mul_ps(x, _mm512_loadu_ps(floats(format.keyScales) + c))
  }

  /// Sixteen codes. Saturation is the definition's clamp: only NaN leaves the range of the codes.
  @inline(__always)
  private func quantize(
    _ query: UnsafePointer<Float>, _ c: Int, _ inverse: Float, _ codes: UnsafeMutableRawPointer
  ) {
    let code = _mm512_cvtps_epi32(_mm512_mul_ps(folded(query, c), _mm512_set1_ps(inverse)))
    _mm_storeu_si128((codes + c).assumingMemoryBound(to: __m128i.self), _mm512_cvtsepi32_epi8(code))
  }
}

/// The lesser of each lane and `limit`; no lane is NaN.
@inline(__always)
private func atMost(_ limit: Float, _ x: SIMD4<Float>) -> SIMD4<Float> {
  x.replacing(with: limit, where: x .> limit)
}
