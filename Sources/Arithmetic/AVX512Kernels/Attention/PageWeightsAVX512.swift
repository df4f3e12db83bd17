import CIntrinsics
import LaneBodies
import ScalarKernels

/// From query codes to weights: the first product and the softmax of each cell.
extension PageTile {
  /// Writes the logits of all cells and finds each cell's largest.
  @inline(never)
  func score() {
    for page in 0..<pages { withConstant(rows) { score(page, rows: $0) } }
    set(.maximum, combinedLanes(lanes, _mm512_max_ps))
  }

  /// One page's cells.
  @inline(__always)
  private func score(_ page: Int, rows: Int) {
    let cell = Self.side * page
    let zero = FourRegisters(repeating: _mm512_setzero_si512())
    var (a, b, c, d) = (zero, zero, zero, zero)
    /// Four channels of 64 tokens.
    @inline(__always)
    func add(_ keys: FourRegisters, _ i: Int) {
      a.add(keys: keys, query: broadcastWord(queryCodes(cell), i))
      if rows > 1 { b.add(keys: keys, query: broadcastWord(queryCodes(cell + 1), i)) }
      if rows > 2 { c.add(keys: keys, query: broadcastWord(queryCodes(cell + 2), i)) }
      if rows > 3 { d.add(keys: keys, query: broadcastWord(queryCodes(cell + 3), i)) }
    }
    let (keys, ahead) = (self.page(page) + format.keyCodes, pageAhead(page) + format.keyCodes)
    let bytes = 16 * format.keyBits * channels / 8
    for line in 0..<bytes / 64 {
      for block in 0..<4 { prefetch_line(ahead + 64 * line + block * bytes) }
      let codes = FourRegisters(keys + 64 * line, step: bytes)
      if format.keyBits == 4 {
        add(codes.low, 2 * line)
        add(codes.high, 2 * line + 1)
      } else {
        add(codes, line)
      }
    }
    storeLogits(a, cell)
    if rows > 1 { storeLogits(b, cell + 1) }
    if rows > 2 { storeLogits(c, cell + 2) }
    if rows > 3 { storeLogits(d, cell + 3) }
  }

  @inline(__always)
  private func storeLogits(_ scores: FourRegisters, _ cell: Int) {
    let factor = broadcast(.factor, cell)
    let shift = broadcast(.shift, cell)
    var largest = _mm512_set1_ps(AttentionState.emptyMaximum)
    @inline(__always)
    func store(_ scores: __m512i, _ first: Int) {
      let logits = _mm512_fmadd_ps(_mm512_cvtepi32_ps(scores), factor, shift)
      // The accumulator is the second operand: NaN never wins.
      largest = _mm512_max_ps(logits, largest)
      _mm512_store_ps(self.logits(cell) + first, logits)
    }
    store(scores.a, 0)
    store(scores.b, 16)
    store(scores.c, 32)
    store(scores.d, 48)
    _mm512_store_ps(lanes + 16 * cell, largest)
  }

  /// Caps the logits, hides the tokens that a row's window has left behind, and finds each cell's largest again.
  @inline(never)
  func revise() {
    for page in 0..<pages {
      for row in 0..<rows {
        let cell = Self.side * page + row
        let largest = Lanes.reviseLogits(logits(cell), cap: numbers.logitCap, hidden: hidden(page, row: row))
        largest.store(lanes + 16 * cell, remaining: 16)
      }
    }
    set(.maximum, combinedLanes(lanes, _mm512_max_ps))
  }

  /// Turns logits into weights and adds those up, lane by lane.
  @inline(never)
  func weigh() {
    for page in 0..<pages {
      for row in 0..<rows { weigh(Self.side * page + row) }
    }
  }

  /// One cell's 64 weights, in order.
  @inline(__always)
  private func weigh(_ cell: Int) {
    let top = broadcast(.maximum, cell)
    let logits = logits(cell)
    let (a, b) = (_mm512_load_ps(logits), _mm512_load_ps(logits + 16))
    let (c, d) = (_mm512_load_ps(logits + 32), _mm512_load_ps(logits + 48))
    let bytes: __m512i
    if numbers.codesPerOctave == 0 {
      let weights = FourRegisters(
        exponential(a, top), exponential(b, top), exponential(c, top), exponential(d, top))
      bytes = weights.unsignedBytes
    } else {
      let codes = FourRegisters(logCode(a, top), logCode(b, top), logCode(c, top), logCode(d, top))
      bytes = _mm512_permutexvar_epi8(codes.unsignedBytes, _mm512_loadu_si512(numbers.table))
    }
    _mm512_store_si512(weights(cell), bytes)
    let sums = _mm512_dpbusd_epi32(_mm512_setzero_si512(), bytes, _mm512_set1_epi8(1))
    _mm512_store_si512(lanes + 16 * cell, sums)
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
}
