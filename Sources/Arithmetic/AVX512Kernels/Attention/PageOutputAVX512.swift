import CIntrinsics
import ScalarKernels

/// From weights to states: the second product of each cell.
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

  /// Adds the weighted V to each row's `o`, page after page.
  @inline(never)
  func accumulate() {
    for page in 0..<pages { withConstant(rows) { accumulate(page, rows: $0) } }
  }

  @inline(__always)
  private func accumulate(_ page: Int, rows: Int) {
    var c = 0
    while c + 64 <= channels {
      accumulate64(page, c, rows: rows)
      c += 64
    }
    while c < channels {
      accumulate16(page, c, rows: rows)
      c += 16
    }
  }

  /// 64 channels from `channel` on.
  @inline(__always)
  private func accumulate64(_ page: Int, _ channel: Int, rows: Int) {
    let cell = Self.side * page
    var (a, b, c, d) = (bias(cell), bias(cell + 1), bias(cell + 2), bias(cell + 3))
    /// Four tokens.
    @inline(__always)
    func add(_ values: FourRegisters, _ i: Int) {
      a.add(weights: broadcastWord(weights(cell), i), values: values)
      if rows > 1 { b.add(weights: broadcastWord(weights(cell + 1), i), values: values) }
      if rows > 2 { c.add(weights: broadcastWord(weights(cell + 2), i), values: values) }
      if rows > 3 { d.add(weights: broadcastWord(weights(cell + 3), i), values: values) }
    }
    let start = format.valueCodes + 4 * channel
    let (values, ahead) = (self.page(page) + start, pageAhead(page) + start)
    for group in 0..<PageFormat.tokens * format.valueLineBits / 32 {
      let line = 4 * channels * group
      for i in 0..<4 { prefetch_line(ahead + line + 64 * i) }
      let codes = FourRegisters(values + line, step: 64)
      switch format.valueBits {
      case 4:
        add(codes.low, 2 * group)
        add(codes.high, 2 * group + 1)
      case 8: add(codes, group)
      default: valueFields(page, channel, codes, group, step: 64).eachField(add)
      }
    }
    if format.scalesTokens {
      update(channel, TokenFactors(self, cell), a, row: 0)
      if rows > 1 { update(channel, TokenFactors(self, cell + 1), b, row: 1) }
      if rows > 2 { update(channel, TokenFactors(self, cell + 2), c, row: 2) }
      if rows > 3 { update(channel, TokenFactors(self, cell + 3), d, row: 3) }
      return
    }
    let scales = ValueScales(self, page, channel)
    update(page, channel, scales, a, row: 0)
    if rows > 1 { update(page, channel, scales, b, row: 1) }
    if rows > 2 { update(page, channel, scales, c, row: 2) }
    if rows > 3 { update(page, channel, scales, d, row: 3) }
  }

  /// Sixteen channels from `channel` on, where 64 are not left: one line, a register for each row.
  @inline(__always)
  private func accumulate16(_ page: Int, _ channel: Int, rows: Int) {
    let cell = Self.side * page
    var sums = FourRegisters(bias(cell).a, bias(cell + 1).a, bias(cell + 2).a, bias(cell + 3).a)
    @inline(__always)
    func add(_ values: __m512i, _ i: Int) {
      sums.a = _mm512_dpbusd_epi32(sums.a, broadcastWord(weights(cell), i), values)
      if rows > 1 { sums.b = _mm512_dpbusd_epi32(sums.b, broadcastWord(weights(cell + 1), i), values) }
      if rows > 2 { sums.c = _mm512_dpbusd_epi32(sums.c, broadcastWord(weights(cell + 2), i), values) }
      if rows > 3 { sums.d = _mm512_dpbusd_epi32(sums.d, broadcastWord(weights(cell + 3), i), values) }
    }
    let values = self.page(page) + format.valueCodes + 4 * channel
    for group in 0..<PageFormat.tokens * format.valueLineBits / 32 {
      let codes = _mm512_loadu_si512(values + 4 * channels * group)
      switch format.valueBits {
      case 4:
        add(lowNibbles(codes), 2 * group)
        add(highNibbles(codes), 2 * group + 1)
      case 8: add(codes, group)
      default:
        // One register four times, of which the compiler keeps one.
        let four = FourRegisters(repeating: codes)
        valueFields(page, channel, four, group, step: 0).eachField { add($0.a, $1) }
      }
    }
    if format.scalesTokens {
      update(channel, TokenFactors(self, cell), sums.a, row: 0)
      if rows > 1 { update(channel, TokenFactors(self, cell + 1), sums.b, row: 1) }
      if rows > 2 { update(channel, TokenFactors(self, cell + 2), sums.c, row: 2) }
      if rows > 3 { update(channel, TokenFactors(self, cell + 3), sums.d, row: 3) }
      return
    }
    let scale = loadHalf(section(page, format.valueScales) + channel)
    let offset = loadHalf(section(page, format.valueOffsets) + channel)
    update(channel, scale, offset, sums.a, OutputFactors(self, cell), row: 0)
    if rows > 1 { update(channel, scale, offset, sums.b, OutputFactors(self, cell + 1), row: 1) }
    if rows > 2 { update(channel, scale, offset, sums.c, OutputFactors(self, cell + 2), row: 2) }
    if rows > 3 { update(channel, scale, offset, sums.d, OutputFactors(self, cell + 3), row: 3) }
  }

  /// The codes of 2, 3 and 5 bits in lines `step` bytes apart.
  @inline(__always)
  private func valueFields(
    _ page: Int, _ channel: Int, _ codes: FourRegisters, _ group: Int, step: Int
  ) -> FieldCodes {
    let first = 8 / format.valueLineBits * group
    let plane = self.page(page) + format.valuePlane + 4 * channel + 4 * channels * (first / 8)
    return FieldCodes(codes, bits: format.valueBits, first: first, plane: plane, step: step)
  }

  @inline(__always)
  private func bias(_ cell: Int) -> FourRegisters {
    FourRegisters(repeating: broadcastWord(facts(.bias), cell))
  }

  /// Adds 64 channels' integer sums to a row's `o`.
  @inline(__always)
  private func update(_ page: Int, _ channel: Int, _ scales: ValueScales, _ sums: FourRegisters, row: Int) {
    let factors = OutputFactors(self, Self.side * page + row)
    update(channel, scales.scale.a, scales.offset.a, sums.a, factors, row: row)
    update(channel + 16, scales.scale.b, scales.offset.b, sums.b, factors, row: row)
    update(channel + 32, scales.scale.c, scales.offset.c, sums.c, factors, row: row)
    update(channel + 48, scales.scale.d, scales.offset.d, sums.d, factors, row: row)
  }

  /// Adds 64 channels' integer sums of weights with their tokens' scales.
  @inline(__always)
  private func update(_ channel: Int, _ factors: TokenFactors, _ sums: FourRegisters, row: Int) {
    update(channel, factors, sums.a, row: row)
    update(channel + 16, factors, sums.b, row: row)
    update(channel + 32, factors, sums.c, row: row)
    update(channel + 48, factors, sums.d, row: row)
  }

  @inline(__always)
  private func update(_ channel: Int, _ factors: TokenFactors, _ sums: __m512i, row: Int) {
    let output = states + row * stateStride + AttentionState.output + channel
    let scaled = _mm512_mul_ps(factors.scale, _mm512_cvtepi32_ps(sums))
    let value = _mm512_add_ps(scaled, factors.offset)
    let kept = _mm512_mul_ps(_mm512_loadu_ps(output), factors.keep)
    _mm512_storeu_ps(output, _mm512_fmadd_ps(value, factors.step, kept))
  }

  /// Sixteen channels.
  @inline(__always)
  private func update(
    _ channel: Int, _ scale: __m512, _ offset: __m512, _ sums: __m512i, _ factors: OutputFactors, row: Int
  ) {
    let output = states + row * stateStride + AttentionState.output + channel
    let scaled = _mm512_mul_ps(scale, _mm512_cvtepi32_ps(sums))
    let value = _mm512_fmadd_ps(factors.sum, offset, scaled)
    let kept = _mm512_mul_ps(_mm512_loadu_ps(output), factors.keep)
    _mm512_storeu_ps(output, _mm512_fmadd_ps(value, factors.step, kept))
  }
}

/// V's scales and offsets of 64 channels.
private struct ValueScales {
  typealias Registers = (a: __m512, b: __m512, c: __m512, d: __m512)

  let scale: Registers
  let offset: Registers

  @inline(__always)
  init(_ tile: PageTile, _ page: Int, _ channel: Int) {
    let scales = tile.section(page, tile.format.valueScales) + channel
    let offsets = tile.section(page, tile.format.valueOffsets) + channel
    scale = (loadHalf(scales), loadHalf(scales + 16), loadHalf(scales + 32), loadHalf(scales + 48))
    offset = (loadHalf(offsets), loadHalf(offsets + 16), loadHalf(offsets + 32), loadHalf(offsets + 48))
  }
}

/// What a cell's sums and a row's `o` are multiplied by.
private struct OutputFactors {
  let sum: __m512
  let keep: __m512
  let step: __m512

  @inline(__always)
  init(_ tile: PageTile, _ cell: Int) {
    (sum, keep, step) = (tile.broadcast(.sum, cell), tile.broadcast(.keep, cell), tile.broadcast(.step, cell))
  }
}

/// The same where tokens have scales: all channels share one scale and one offset.
private struct TokenFactors {
  let scale: __m512
  let offset: __m512
  let keep: __m512
  let step: __m512

  @inline(__always)
  init(_ tile: PageTile, _ cell: Int) {
    (scale, offset) = (tile.broadcast(.scale, cell), tile.broadcast(.offset, cell))
    (keep, step) = (tile.broadcast(.keep, cell), tile.broadcast(.step, cell))
  }
}
