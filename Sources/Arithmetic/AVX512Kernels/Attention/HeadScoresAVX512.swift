import CIntrinsics
import ScalarKernels

/// From query codes to scores: the first product of four rows.
extension HeadAVX512 {
  /// Writes the scores of four rows; returns each row's largest.
  @inline(__always)
  func score() -> SIMD4<Int32> {
    var tops = FourRegisters(repeating: .min)
    let tiles = (format.tokens + 15) / 16
    for tile in stride(from: 0, to: tiles & ~3, by: 4) { score(four: tile, &tops) }
    for tile in tiles & ~3..<tiles { score(one: tile, &tops) }
    return tops.laneMaxima
  }

  /// K's line of tokens 16·tile… and channels 4·i….
  @inline(__always)
  private func keys(_ tile: Int, _ i: Int) -> UnsafeRawPointer {
    head + format.keyCodes + 16 * format.channels * tile + 64 * i
  }

  /// 64 tokens.
  @inline(__always)
  private func score(four tile: Int, _ tops: inout FourRegisters) {
    let step = 16 * format.channels
    var (s0, s1, s2, s3) = (FourRegisters(), FourRegisters(), FourRegisters(), FourRegisters())
    for i in 0..<format.channels / 4 {
      let keys = FourRegisters(keys(tile, i), step: step)
      s0.add(keys: keys, query: broadcastWord(query(0), i))
      s1.add(keys: keys, query: broadcastWord(query(1), i))
      s2.add(keys: keys, query: broadcastWord(query(2), i))
      s3.add(keys: keys, query: broadcastWord(query(3), i))
    }
    s0.store(scores(0) + 64 * tile)
    s1.store(scores(1) + 64 * tile)
    s2.store(scores(2) + 64 * tile)
    s3.store(scores(3) + 64 * tile)
    tops.merge(FourRegisters(s0.maxima, s1.maxima, s2.maxima, s3.maxima))
  }

  /// Sixteen tokens; a register for each row.
  @inline(__always)
  private func score(one tile: Int, _ tops: inout FourRegisters) {
    var sums = FourRegisters()
    for i in 0..<format.channels / 4 {
      let keys = _mm512_loadu_si512(keys(tile, i))
      sums.a = _mm512_dpbusd_epi32(sums.a, keys, broadcastWord(query(0), i))
      sums.b = _mm512_dpbusd_epi32(sums.b, keys, broadcastWord(query(1), i))
      sums.c = _mm512_dpbusd_epi32(sums.c, keys, broadcastWord(query(2), i))
      sums.d = _mm512_dpbusd_epi32(sums.d, keys, broadcastWord(query(3), i))
    }
    _mm512_storeu_si512(scores(0) + 64 * tile, sums.a)
    _mm512_storeu_si512(scores(1) + 64 * tile, sums.b)
    _mm512_storeu_si512(scores(2) + 64 * tile, sums.c)
    _mm512_storeu_si512(scores(3) + 64 * tile, sums.d)
    tops.merge(sums)
  }
}
