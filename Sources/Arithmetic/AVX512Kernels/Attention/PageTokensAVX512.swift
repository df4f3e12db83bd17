import CIntrinsics
import ScalarKernels

/// Weights where V's scales belong to tokens.
///
/// A scale is a number of steps of the weights' codes, so that both add up as bytes and one more look-up gives the
/// weight with its scale.
extension PageTile {
  /// Turns logits into weights with scales, and adds up the weights without and their products with the tokens' offsets.
  @inline(never)
  func weighTokens() {
    for page in 0..<pages { weighTokens(page) }
    set(.sum, _mm512_cvtepi32_ps(combinedIntegers(lanes)))
    set(.offset, combinedLanes(lanes + 16 * 16, _mm512_add_ps))

    let least = _mm512_min_epi32(leastCodes, _mm512_set1_epi32(Int32(ValueStep.span)))
    _mm512_store_si512(facts(.least), least)
    let steps = _mm512_add_ps(_mm512_load_ps(facts(.scale)), _mm512_cvtepi32_ps(least))
    let exponent = _mm512_fmadd_ps(
      steps, _mm512_set1_ps(ValueStep.perStep), _mm512_set1_ps(ValueStep.top))
    set(.scale, approximateExp2AVX512(exponent))
    for page in 0..<pages {
      for row in 0..<rows { scaleWeights(Self.side * page + row) }
    }
  }

  /// One page's cells: the codes of weights with scales take the weights' place, counted from the page's largest scale,
  /// whose steps take that of ``CellFact/scale``.
  @inline(__always)
  private func weighTokens(_ page: Int) {
    let steps = _mm512_loadu_si512(self.page(page) + format.valueScales)
    let largestScale = leastByte(steps)
    _mm_store_ps(facts(.scale) + Self.side * page, _mm_set1_ps(Float(largestScale)))
    let below = _mm512_sub_epi8(steps, _mm512_set1_epi8(Int8(bitPattern: largestScale)))
    let offsets = section(page, format.valueOffsets)
    let (a, b) = (loadHalf(offsets), loadHalf(offsets + 16))
    let (c, d) = (loadHalf(offsets + 32), loadHalf(offsets + 48))
    for cell in Self.side * page..<Self.side * page + rows {
      let codes = logCodes(cell, atMost: 255)
      _mm512_store_si512(weights(cell), _mm512_adds_epu8(codes, below))
      let plain = tableWeights(codes)
      store(sumOf: plain, cell)
      let weights = FourRegisters(unsignedBytes: plain)
      var sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(weights.a), a, _mm512_setzero_ps())
      sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(weights.b), b, sum)
      sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(weights.c), c, sum)
      sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(weights.d), d, sum)
      _mm512_store_ps(lanes + 16 * (16 + cell), sum)
    }
  }

  /// Turns one cell's codes into weights, relative to the largest, and adds those up.
  @inline(__always)
  private func scaleWeights(_ cell: Int) {
    let least = _mm512_set1_epi8(Int8(truncatingIfNeeded: facts(.least)[cell].bitPattern))
    let scaled = tableWeights(_mm512_sub_epi8(_mm512_load_si512(weights(cell)), least))
    _mm512_store_si512(weights(cell), scaled)
    store(sumOf: scaled, cell)
  }

  /// The weights of 64 codes, those beyond the last one included.
  @inline(__always)
  private func tableWeights(_ codes: __m512i) -> __m512i {
    _mm512_permutexvar_epi8(
      _mm512_min_epu8(codes, _mm512_set1_epi8(63)), _mm512_loadu_si512(numbers.table))
  }

  /// Each cell's least byte where its weights lie.
  @inline(__always)
  private var leastCodes: __m512i {
    let words = combinedLanes(UnsafeRawPointer(weights(0)).assumingMemoryBound(to: Float.self)) {
      _mm512_castsi512_ps(_mm512_min_epu8(_mm512_castps_si512($0), _mm512_castps_si512($1)))
    }
    let bytes = _mm512_castps_si512(words)
    let pairs = _mm512_min_epu8(bytes, _mm512_srli_epi32(bytes, 16))
    let least = _mm512_min_epu8(pairs, _mm512_srli_epi32(pairs, 8))
    return _mm512_and_si512(least, _mm512_set1_epi32(0xff))
  }
}

/// The least of 64 unsigned bytes.
@inline(__always)
private func leastByte(_ bytes: __m512i) -> UInt8 {
  let half = _mm256_min_epu8(_mm512_castsi512_si256(bytes), bytes.highHalf)
  let quarter = _mm_min_epu8(_mm256_castsi256_si128(half), half.highHalf)
  let pairs = _mm_min_epu8(quarter, _mm_srli_epi16(quarter, 8))
  let least = _mm_minpos_epu16(_mm_and_si128(pairs, _mm_set1_epi16(0xff)))
  return UInt8(truncatingIfNeeded: _mm_cvtsi128_si32(least))
}
