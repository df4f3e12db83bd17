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
    let bytes = 16 * format.keyLineBits * channels / 8
    for line in 0..<bytes / 64 {
      for block in 0..<4 { prefetch_line(ahead + 64 * line + block * bytes) }
      let codes = FourRegisters(keys + 64 * line, step: bytes)
      switch format.keyBits {
      case 4:
        add(codes.low, 2 * line)
        add(codes.high, 2 * line + 1)
      case 8: add(codes, line)
      default: keyFields(page, codes, line).eachField(add)
      }
    }
    storeLogits(a, cell)
    if rows > 1 { storeLogits(b, cell + 1) }
    if rows > 2 { storeLogits(c, cell + 2) }
    if rows > 3 { storeLogits(d, cell + 3) }
  }

  /// The codes of 2, 3 and 5 bits in one line of each 16 tokens.
  @inline(__always)
  private func keyFields(_ page: Int, _ codes: FourRegisters, _ line: Int) -> FieldCodes {
    let (first, step) = (8 / format.keyLineBits * line, 64 * ((channels + 31) / 32))
    let plane = format.keyPlane + 64 * (first / 8)
    if format.hasKeyPlane, first % 8 == 0 {
      for block in 0..<4 { prefetch_line(pageAhead(page) + plane + block * step) }
    }
    return FieldCodes(codes, bits: format.keyBits, first: first, plane: self.page(page) + plane, step: step)
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
    let bytes: __m512i
    if numbers.codesPerOctave == 0 {
      let (top, logits) = (broadcast(.maximum, cell), logits(cell))
      let weights = FourRegisters(
        exponential(logits, top), exponential(logits + 16, top), exponential(logits + 32, top),
        exponential(logits + 48, top))
      bytes = weights.unsignedBytes
    } else {
      bytes = _mm512_permutexvar_epi8(logCodes(cell, atMost: 63), _mm512_loadu_si512(numbers.table))
    }
    _mm512_store_si512(weights(cell), bytes)
    store(sumOf: bytes, cell)
  }

  /// Adds up a cell's 64 bytes, lane by lane.
  @inline(__always)
  func store(sumOf bytes: __m512i, _ cell: Int) {
    let sums = _mm512_dpbusd_epi32(_mm512_setzero_si512(), bytes, _mm512_set1_epi8(1))
    _mm512_store_si512(lanes + 16 * cell, sums)
  }

  /// A cell's 64 codes, `rint(min((top − s) · κ, most))`, a byte each; NaN gives `most`.
  @inline(__always)
  func logCodes(_ cell: Int, atMost most: Float) -> __m512i {
    let (top, logits) = (broadcast(.maximum, cell), logits(cell))
    let (perOctave, most) = (_mm512_set1_ps(numbers.codesPerOctave), _mm512_set1_ps(most))
    @inline(__always)
    func codes(_ first: Int) -> __m512i {
      let octaves = _mm512_mul_ps(_mm512_sub_ps(top, _mm512_load_ps(logits + first)), perOctave)
      return _mm512_cvtps_epi32(_mm512_min_ps(octaves, most))
    }
    return FourRegisters(codes(0), codes(16), codes(32), codes(48)).unsignedBytes
  }

  /// `rint(255 · exp2(s − top))`.
  @inline(__always)
  private func exponential(_ logits: UnsafePointer<Float>, _ top: __m512) -> __m512i {
    let weight = approximateExp2AVX512(_mm512_sub_ps(_mm512_load_ps(logits), top))
    return _mm512_cvtps_epi32(_mm512_mul_ps(weight, _mm512_set1_ps(255)))
  }
}
