import CIntrinsics
import ScalarKernels

/// From each page's maximum and weights to the states' `m` and `l`.
extension PageTile {
  /// Updates the states' `m`, page after page, and notes what scales their `l` and `o`.
  ///
  /// The maximum of a page and all pages before it is a prefix maximum: two shifts by one and two pages, a page
  /// being four lanes. Of equals the older stays, as the second operand.
  @inline(never)
  func advance() {
    let before = _mm512_broadcast_f32x4(stateNumbers(0))
    let largest = _mm512_load_ps(facts(.maximum))
    var maximum = _mm512_max_ps(largest, before)
    maximum = _mm512_max_ps(maximum, shifted(maximum, pages: 1, before))
    maximum = _mm512_max_ps(maximum, shifted(maximum, pages: 2, before))
    let previous = shifted(maximum, pages: 1, before)
    set(.keep, approximateExp2AVX512(_mm512_sub_ps(previous, maximum)))
    set(.step, approximateExp2AVX512(_mm512_sub_ps(largest, maximum)))
    set(.maximum, maximum)
    for row in 0..<rows { states[row * stateStride] = facts(.maximum)[Self.side * (pages - 1) + row] }
  }

  /// Adds up the weights of each cell, then of each row, its `l`.
  @inline(never)
  func total() {
    let sums = combinedIntegers(lanes)
    setBias(sums)
    // Products with scales are of other weights, which have been added up.
    if !format.scalesTokens { set(.sum, _mm512_cvtepi32_ps(sums)) }

    var l = stateNumbers(1)
    for cell in stride(from: 0, to: Self.side * pages, by: Self.side) {
      let kept = _mm_mul_ps(l, four(.keep, cell))
      l = _mm_fmadd_ps(four(.sum, cell), four(.step, cell), kept)
    }
    for row in 0..<rows { states[row * stateStride + 1] = l[row] }
  }

  /// Notes what corrects products of weights that add up to `sums`, since narrow codes of V are stored unsigned.
  @inline(__always)
  private func setBias(_ sums: __m512i) {
    let bias = _mm512_set1_epi32(-Int32(truncatingIfNeeded: format.valueBias))
    _mm512_store_si512(facts(.bias), _mm512_mullo_epi32(sums, bias))
  }

  /// Number `index` of each row's state; absent rows repeat the last one.
  @inline(__always)
  private func stateNumbers(_ index: Int) -> __m128 {
    @inline(__always)
    func state(_ row: Int) -> Float { states[min(row, rows - 1) * stateStride + index] }
    return SIMD4(state(0), state(1), state(2), state(3))
  }

  /// `pages` pages later; the first ones get `before`.
  @inline(__always)
  private func shifted(_ x: __m512, pages: Int32, _ before: __m512) -> __m512 {
    let lane = SIMD16<Int32>(16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31)
    return _mm512_permutex2var_ps(before, unsafeBitCast(lane &- 4 &* pages, to: __m512i.self), x)
  }

  /// The fact of one page's four cells.
  @inline(__always)
  private func four(_ fact: CellFact, _ cell: Int) -> __m128 { _mm_load_ps(facts(fact) + cell) }
}
