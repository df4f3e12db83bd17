import CIntrinsics
import ScalarKernels

/// From query codes to scores: the first product of four rows.
extension HeadAVX512 {
  /// Writes the scores of four rows; returns each row's largest.
  @inline(__always)
  func score() -> SIMD4<Int32> {
    var tops = Quad(repeating: .min)
    let blocks = (format.tokens + 15) / 16
    for block in stride(from: 0, to: blocks & ~3, by: 4) { score(four: block, &tops) }
    for block in blocks & ~3..<blocks { score(one: block, &tops) }
    return tops.laneMaxima
  }

  /// K's line of tokens 16·block… and channels 4·i….
  @inline(__always)
  private func keys(_ block: Int, _ i: Int) -> UnsafeRawPointer {
    head + format.keyCodes + 16 * format.channels * block + 64 * i
  }

  /// 64 tokens.
  @inline(__always)
  private func score(four block: Int, _ tops: inout Quad) {
    let step = 16 * format.channels
    var (s0, s1, s2, s3) = (Quad(), Quad(), Quad(), Quad())
    for i in 0..<format.channels / 4 {
      let keys = Quad(keys(block, i), step: step)
      s0.add(keys: keys, query: broadcastWord(query(0), i))
      s1.add(keys: keys, query: broadcastWord(query(1), i))
      s2.add(keys: keys, query: broadcastWord(query(2), i))
      s3.add(keys: keys, query: broadcastWord(query(3), i))
    }
    s0.store(scores(0) + 64 * block)
    s1.store(scores(1) + 64 * block)
    s2.store(scores(2) + 64 * block)
    s3.store(scores(3) + 64 * block)
    tops.merge(Quad(s0.maxima, s1.maxima, s2.maxima, s3.maxima))
  }

  /// Sixteen tokens; a register for each row.
  @inline(__always)
  private func score(one block: Int, _ tops: inout Quad) {
    var sums = Quad()
    for i in 0..<format.channels / 4 {
      let keys = _mm512_loadu_si512(keys(block, i))
      sums.a = _mm512_dpbusd_epi32(sums.a, keys, broadcastWord(query(0), i))
      sums.b = _mm512_dpbusd_epi32(sums.b, keys, broadcastWord(query(1), i))
      sums.c = _mm512_dpbusd_epi32(sums.c, keys, broadcastWord(query(2), i))
      sums.d = _mm512_dpbusd_epi32(sums.d, keys, broadcastWord(query(3), i))
    }
    _mm512_storeu_si512(scores(0) + 64 * block, sums.a)
    _mm512_storeu_si512(scores(1) + 64 * block, sums.b)
    _mm512_storeu_si512(scores(2) + 64 * block, sums.c)
    _mm512_storeu_si512(scores(3) + 64 * block, sums.d)
    tops.merge(sums)
  }
}
