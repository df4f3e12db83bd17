import CIntrinsics
import ScalarKernels

/// `attendHead` with `vpdpbusd` for both products: K's unsigned codes times the query's signed ones, unsigned
/// weights times V's signed codes. Lane t of a score register is token t, so scores need no horizontal sum.
///
/// Four rows go through the head together, stage by stage. In both products a tile is four rows by four
/// registers: 16 accumulators hide the latency of the multiplies, and eight loads feed 16 of them. Where fewer
/// than four rows are left, the last one fills the tile and is written once.
@inline(never)
public func attendHeadAVX512(
  _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer, _ rows: HeadRows,
  scratch: UnsafeMutableRawPointer
) {
  let head = HeadAVX512(numbers, format, head, scratch)
  for first in stride(from: 0, to: rows.count, by: HeadAVX512.rows) { head.attend(rows, first) }
}

/// One head while four rows attend to it.
struct HeadAVX512 {
  static let rows = 4

  let numbers: AttentionNumbers
  let format: HeadFormat
  let head: UnsafeRawPointer
  /// The rows' int8 query codes, `[4][channels]`.
  let queryCodes: UnsafeMutableRawPointer
  /// The rows' weights, `[4][padded]` bytes.
  let weights: UnsafeMutableRawPointer
  /// The rows' scores, `[4][padded]` int32.
  let scores: UnsafeMutableRawPointer

  @inline(__always)
  init(
    _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer,
    _ scratch: UnsafeMutableRawPointer
  ) {
    self.numbers = numbers
    self.format = format
    self.head = head
    scores = scratch
    weights = scratch + 16 * ((format.tokens + 63) & ~63)
    queryCodes = weights + 4 * ((format.tokens + 63) & ~63)
  }

  /// Tokens rounded up to the 64 whose weights fill a register.
  @inline(__always)
  var padded: Int { (format.tokens + 63) & ~63 }

  @inline(__always)
  func floats(_ section: Int) -> UnsafePointer<Float> { (head + section).assumingMemoryBound(to: Float.self) }

  @inline(__always)
  func query(_ row: Int) -> UnsafeMutableRawPointer { queryCodes + row * format.channels }

  @inline(__always)
  func weights(_ row: Int) -> UnsafeMutableRawPointer { weights + row * padded }

  @inline(__always)
  func scores(_ row: Int) -> UnsafeMutableRawPointer { scores + 4 * row * padded }

  /// Takes rows `first…` through all stages.
  @inline(__always)
  func attend(_ rows: HeadRows, _ first: Int) {
    var steps = SIMD4<Float>()
    for row in 0..<Self.rows {
      steps[row] = fold(rows.queries + min(first + row, rows.count - 1) * rows.queryStride, row)
    }
    let tops = score()
    let sums = SIMD4(
      weigh(0, tops.0, steps[0]), weigh(1, tops.1, steps[1]), weigh(2, tops.2, steps[2]),
      weigh(3, tops.3, steps[3]))
    let output = rows.output + first * rows.outputStride
    accumulate(sums, output, stride: rows.outputStride, count: min(Self.rows, rows.count - first))
  }

  /// Multiplies a query by K's channel scales and rounds it to int8 codes; returns the step of its scores.
  ///
  /// Saturation is the definition's clamp: only NaN leaves the range of the codes.
  @inline(__always)
  func fold(_ query: UnsafePointer<Float>, _ row: Int) -> Float {
    let scales = floats(format.keyScales)
    var largest = _mm512_setzero_ps()
    for c in stride(from: 0, to: format.channels, by: 16) {
      largest = _mm512_max_ps(_mm512_abs_ps(folded(query, scales, c)), largest)
    }
    let absmax = laneMaximum(largest)
    let quotient = numbers.queryLimit / absmax
    let inverse = _mm512_set1_ps(quotient < .greatestFiniteMagnitude ? quotient : .greatestFiniteMagnitude)
    for c in stride(from: 0, to: format.channels, by: 16) {
      let codes = _mm512_cvtps_epi32(_mm512_mul_ps(folded(query, scales, c), inverse))
      let bytes = _mm512_cvtsepi32_epi8(codes)
      _mm_storeu_si128((self.query(row) + c).assumingMemoryBound(to: __m128i.self), bytes)
    }
    return numbers.step(absmax: absmax)
  }

  @inline(__always)
  private func folded(_ query: UnsafePointer<Float>, _ scales: UnsafePointer<Float>, _ c: Int) -> __m512 {
    let x = _mm512_maskz_loadu_ps(laneMask(format.headSize - c), query + c)
    return _mm512_mul_ps(x, _mm512_loadu_ps(scales + c))
  }
}
