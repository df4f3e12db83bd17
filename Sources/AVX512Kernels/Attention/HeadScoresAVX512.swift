import CIntrinsics
import ScalarKernels

/// From query codes to weights: the first product and the softmax of four rows.
extension HeadAVX512 {
  /// Writes the scores of four rows; returns each row's largest.
  @inline(__always)
  func score() -> (Int32, Int32, Int32, Int32) {
    var tops = Quad(repeating: .min)
    let blocks = (format.tokens + 15) / 16
    for block in stride(from: 0, to: blocks & ~3, by: 4) { score(four: block, &tops) }
    for block in blocks & ~3..<blocks { score(one: block, &tops) }
    return (
      _mm512_reduce_max_epi32(tops.a), _mm512_reduce_max_epi32(tops.b), _mm512_reduce_max_epi32(tops.c),
      _mm512_reduce_max_epi32(tops.d)
    )
  }

  /// K's lines of tokens 16·block….
  @inline(__always)
  private func keys(_ block: Int) -> UnsafeRawPointer {
    head + format.keyCodes + 16 * format.channels * block
  }

  /// 64 tokens.
  @inline(__always)
  private func score(four block: Int, _ tops: inout Quad) {
    let (lines, step) = (keys(block), 16 * format.channels)
    let (q0, q1, q2, q3) = (query(0), query(1), query(2), query(3))
    var (s0, s1, s2, s3) = (Quad(), Quad(), Quad(), Quad())
    for i in 0..<format.channels / 4 {
      let keys = Quad(lines + 64 * i, step: step)
      s0.add(keys: keys, query: broadcastWord(q0, i))
      s1.add(keys: keys, query: broadcastWord(q1, i))
      s2.add(keys: keys, query: broadcastWord(q2, i))
      s3.add(keys: keys, query: broadcastWord(q3, i))
    }
    s0.store(scores(0) + 64 * block)
    s1.store(scores(1) + 64 * block)
    s2.store(scores(2) + 64 * block)
    s3.store(scores(3) + 64 * block)
    tops.a = _mm512_max_epi32(tops.a, s0.largest)
    tops.b = _mm512_max_epi32(tops.b, s1.largest)
    tops.c = _mm512_max_epi32(tops.c, s2.largest)
    tops.d = _mm512_max_epi32(tops.d, s3.largest)
  }

  /// Sixteen tokens.
  @inline(__always)
  private func score(one block: Int, _ tops: inout Quad) {
    var sums = Quad()
    for i in 0..<format.channels / 4 {
      let keys = _mm512_loadu_si512(keys(block) + 64 * i)
      sums.a = _mm512_dpbusd_epi32(sums.a, keys, broadcastWord(query(0), i))
      sums.b = _mm512_dpbusd_epi32(sums.b, keys, broadcastWord(query(1), i))
      sums.c = _mm512_dpbusd_epi32(sums.c, keys, broadcastWord(query(2), i))
      sums.d = _mm512_dpbusd_epi32(sums.d, keys, broadcastWord(query(3), i))
    }
    _mm512_storeu_si512(scores(0) + 64 * block, sums.a)
    _mm512_storeu_si512(scores(1) + 64 * block, sums.b)
    _mm512_storeu_si512(scores(2) + 64 * block, sums.c)
    _mm512_storeu_si512(scores(3) + 64 * block, sums.d)
    tops.a = _mm512_max_epi32(tops.a, sums.a)
    tops.b = _mm512_max_epi32(tops.b, sums.b)
    tops.c = _mm512_max_epi32(tops.c, sums.c)
    tops.d = _mm512_max_epi32(tops.d, sums.d)
  }

  /// Turns a row's scores into weights, one byte a token, 0 beyond the last; returns their sum.
  @inline(__always)
  func weigh(_ row: Int, _ top: Int32, _ step: Float) -> Int32 {
    numbers.codesPerOctave == 0 ? weighExponentials(row, top, step) : weighCodes(row, top, step)
  }

  @inline(__always)
  private func weighCodes(_ row: Int, _ top: Int32, _ step: Float) -> Int32 {
    let (table, last) = (_mm512_loadu_si512(numbers.table), _mm512_set1_epi8(63))
    let (top, step) = (_mm512_set1_epi32(top), _mm512_set1_ps(step))
    var sums = _mm512_setzero_si512()
    for t in stride(from: 0, to: padded, by: 64) {
      let scores = Quad(scores(row) + 4 * t, step: 64)
      let codes = packed(
        logCode(scores.a, top, step), logCode(scores.b, top, step), logCode(scores.c, top, step),
        logCode(scores.d, top, step))
      let weights = _mm512_permutexvar_epi8(_mm512_min_epu8(codes, last), table)
      store(weights, row, t, &sums)
    }
    return _mm512_reduce_add_epi32(sums)
  }

  @inline(__always)
  private func weighExponentials(_ row: Int, _ top: Int32, _ step: Float) -> Int32 {
    let (top, step) = (_mm512_set1_epi32(top), _mm512_set1_ps(-step))
    var sums = _mm512_setzero_si512()
    for t in stride(from: 0, to: padded, by: 64) {
      let scores = Quad(scores(row) + 4 * t, step: 64)
      let weights = packed(
        exponential(scores.a, top, step), exponential(scores.b, top, step),
        exponential(scores.c, top, step), exponential(scores.d, top, step))
      store(weights, row, t, &sums)
    }
    return _mm512_reduce_add_epi32(sums)
  }

  /// Writes the weights of tokens t… and adds them up.
  @inline(__always)
  private func store(_ weights: __m512i, _ row: Int, _ t: Int, _ sums: inout __m512i) {
    let remaining = format.tokens - t
    let mask: UInt64 = remaining >= 64 ? .max : (1 << UInt64(remaining)) - 1
    let valid = _mm512_maskz_mov_epi8(mask, _mm512_permutexvar_epi32(packedOrder, weights))
    _mm512_storeu_si512(self.weights(row) + t, valid)
    sums = _mm512_dpbusd_epi32(sums, valid, _mm512_set1_epi8(1))
  }

  /// `rint((top − s) · step)`, at most 2³¹; packing and the minimum after it make 63 of what is larger.
  @inline(__always)
  private func logCode(_ scores: __m512i, _ top: __m512i, _ step: __m512) -> __m512i {
    _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(top, scores)), step))
  }

  /// `rint(255 · exp2(−(top − s) · step))`, for a negative `step`.
  @inline(__always)
  private func exponential(_ scores: __m512i, _ top: __m512i, _ step: __m512) -> __m512i {
    let octaves = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(top, scores)), step)
    return _mm512_cvtps_epi32(_mm512_mul_ps(approximateExp2AVX512(octaves), _mm512_set1_ps(255)))
  }

  /// Four registers of integers as bytes 0…255, saturated; words in the order that ``packedOrder`` undoes.
  @inline(__always)
  private func packed(_ a: __m512i, _ b: __m512i, _ c: __m512i, _ d: __m512i) -> __m512i {
    _mm512_packus_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d))
  }

  /// Packing works within 128 bits: word 4·L + k holds tokens 16·k + 4·L….
  @inline(__always)
  private var packedOrder: __m512i {
    unsafeBitCast(SIMD16<Int32>(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), to: __m512i.self)
  }
}
