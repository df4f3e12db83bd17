import CIntrinsics
import ScalarKernels

/// From scores to weights: the softmax of four rows.
extension HeadAVX512 {
  /// Turns scores into weights, one byte a token, 0 beyond the last; returns each row's sum.
  @inline(__always)
  func weigh(below tops: SIMD4<Int32>, _ steps: SIMD4<Float>) -> SIMD4<Int32> {
    var sums = FourRegisters()
    @inline(__always)
    func weighAll(_ weights: (_ scores: FourRegisters, _ top: __m512i, _ step: __m512) -> __m512i) {
      for t in stride(from: 0, to: padded, by: 64) {
        @inline(__always)
        func weigh(_ row: Int, _ sums: inout __m512i) {
          let scores = FourRegisters(scores(row) + 4 * t, step: 64)
          let bytes = weights(scores, _mm512_set1_epi32(tops[row]), _mm512_set1_ps(steps[row]))
          store(bytes, row, t, &sums)
        }
        weigh(0, &sums.a)
        weigh(1, &sums.b)
        weigh(2, &sums.c)
        weigh(3, &sums.d)
      }
    }
    if numbers.codesPerOctave == 0 { weighAll(exponentials) } else { weighAll(logCodes) }
    return sums.laneTotals
  }

  /// Writes the weights of tokens t… and adds them up.
  @inline(__always)
  private func store(_ bytes: __m512i, _ row: Int, _ t: Int, _ sums: inout __m512i) {
    let remaining = format.tokens - t
    let mask: UInt64 = remaining >= 64 ? .max : (1 &<< UInt64(remaining)) &- 1
    let weights = _mm512_maskz_mov_epi8(mask, _mm512_permutexvar_epi32(packedOrder, bytes))
    _mm512_storeu_si512(self.weights(row) + t, weights)
    sums = _mm512_dpbusd_epi32(sums, weights, _mm512_set1_epi8(1))
  }

  /// The weights of log codes. Packing saturates and the minimum makes 63 of what is larger.
  @inline(__always)
  private func logCodes(_ scores: FourRegisters, _ top: __m512i, _ step: __m512) -> __m512i {
    @inline(__always)
    func code(_ scores: __m512i) -> __m512i { _mm512_cvtps_epi32(distance(scores, top, step)) }
    let codes = packed(code(scores.a), code(scores.b), code(scores.c), code(scores.d))
    let table = _mm512_loadu_si512(numbers.table)
    return _mm512_permutexvar_epi8(_mm512_min_epu8(codes, _mm512_set1_epi8(63)), table)
  }

  @inline(__always)
  private func exponentials(_ scores: FourRegisters, _ top: __m512i, _ step: __m512) -> __m512i {
    @inline(__always)
    func weight(_ scores: __m512i) -> __m512i {
      let power = approximateExp2AVX512(_mm512_sub_ps(_mm512_setzero_ps(), distance(scores, top, step)))
      return _mm512_cvtps_epi32(_mm512_mul_ps(power, _mm512_set1_ps(255)))
    }
    return packed(weight(scores.a), weight(scores.b), weight(scores.c), weight(scores.d))
  }

  /// `(top − s) · step`, at most 2³¹ where there is a token.
  @inline(__always)
  private func distance(_ scores: __m512i, _ top: __m512i, _ step: __m512) -> __m512 {
    _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(top, scores)), step)
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
