import CIntrinsics
import ScalarKernels

/// From query codes to weights: the first product and the softmax of one page.
extension PageAVX512 {
  /// Σ over channels of query codes times K codes, for 64 tokens.
  @inline(__always)
  func scores(_ query: UnsafeRawPointer) -> Quad {
    var sums = Quad()
    for i in 0..<channels / 4 {
      sums.add(keys: Quad(codes.keys + 64 * i, step: 16 * channels), query: broadcastWord(query, i))
    }
    return sums
  }

  /// The same for two rows.
  @inline(__always)
  func scores(_ query0: UnsafeRawPointer, _ query1: UnsafeRawPointer) -> (Quad, Quad) {
    var (sums0, sums1) = (Quad(), Quad())
    for i in 0..<channels / 4 {
      let keys = Quad(codes.keys + 64 * i, step: 16 * channels)
      sums0.add(keys: keys, query: broadcastWord(query0, i))
      sums1.add(keys: keys, query: broadcastWord(query1, i))
    }
    return (sums0, sums1)
  }

  /// Turns scores into the 64 weights, one byte a token, in order.
  @inline(__always)
  func weigh(_ scores: Quad, _ row: Int) {
    let factor = _mm512_set1_ps(facts[row].factor)
    let shift = _mm512_set1_ps(facts[row].shift)
    let none = _mm512_set1_ps(AttentionState.emptyMaximum)
    @inline(__always)
    func logits(_ scores: __m512i) -> __m512 {
      _mm512_fmadd_ps(_mm512_cvtepi32_ps(scores), factor, shift)
    }
    let (a, b) = (logits(scores.a), logits(scores.b))
    let (c, d) = (logits(scores.c), logits(scores.d))
    // The accumulator is the second operand: NaN never wins.
    let ab = _mm512_max_ps(b, _mm512_max_ps(a, none))
    let maximum = laneMaximum(_mm512_max_ps(d, _mm512_max_ps(c, ab)))
    let top = _mm512_set1_ps(maximum)

    let bytes: __m512i
    if numbers.codesPerOctave == 0 {
      bytes = packed(exponential(a, top), exponential(b, top), exponential(c, top), exponential(d, top))
    } else {
      let codes = packed(logCode(a, top), logCode(b, top), logCode(c, top), logCode(d, top))
      bytes = _mm512_permutexvar_epi8(codes, _mm512_loadu_si512(numbers.table))
    }
    _mm512_storeu_si512(weights(row), _mm512_permutexvar_epi32(packedOrder, bytes))
    let sums = _mm512_dpbusd_epi32(_mm512_setzero_si512(), bytes, _mm512_set1_epi8(1))
    facts[row].maximum = maximum
    facts[row].sum = _mm512_reduce_add_epi32(sums)
  }

  /// `rint(min((top − s) · κ, 63))`; NaN gives 63.
  @inline(__always)
  private func logCode(_ logits: __m512, _ top: __m512) -> __m512i {
    let octaves = _mm512_mul_ps(_mm512_sub_ps(top, logits), _mm512_set1_ps(numbers.codesPerOctave))
    return _mm512_cvtps_epi32(_mm512_min_ps(octaves, _mm512_set1_ps(63)))
  }

  /// `rint(255 · exp2(s − top))`.
  @inline(__always)
  private func exponential(_ logits: __m512, _ top: __m512) -> __m512i {
    let weight = approximateExp2AVX512(_mm512_sub_ps(logits, top))
    return _mm512_cvtps_epi32(_mm512_mul_ps(weight, _mm512_set1_ps(255)))
  }

  /// Four registers of integers 0…255 as bytes; words in the order that ``packedOrder`` undoes.
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
