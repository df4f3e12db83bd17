import CIntrinsics
import ScalarKernels

/// From weights to the states' `o`: the second product of each cell.
extension PageTile {
  /// Adds the weighted V to each row's `o`, page after page: codes of 4 or 8 bits.
  @inline(never)
  func accumulate() {
    for page in 0..<pages { withConstant(rows) { accumulate(page, rows: $0, fields: false) } }
  }

  /// The same for codes of 2, 3 or 5 bits.
  @inline(never)
  func accumulateFields() {
    for page in 0..<pages { withConstant(rows) { accumulate(page, rows: $0, fields: true) } }
  }

  /// - Parameter fields: A constant, so that neither kind of codes is in the other's way.
  @inline(__always)
  private func accumulate(_ page: Int, rows: Int, fields: Bool) {
    var c = 0
    while c + 64 <= channels {
      accumulate64(page, c, rows: rows, fields: fields)
      c += 64
    }
    while c < channels {
      accumulate16(page, c, rows: rows, fields: fields)
      c += 16
    }
  }

  /// 64 channels from `channel` on.
  @inline(__always)
  private func accumulate64(_ page: Int, _ channel: Int, rows: Int, fields: Bool) {
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
      if fields {
        valueFields(page, channel, codes, group, step: 64).eachField(add)
      } else if format.valueBits == 4 {
        add(codes.low, 2 * group)
        add(codes.high, 2 * group + 1)
      } else {
        add(codes, group)
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
  private func accumulate16(_ page: Int, _ channel: Int, rows: Int, fields: Bool) {
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
      if fields {
        // One register four times, of which the compiler keeps one.
        let four = FourRegisters(repeating: codes)
        valueFields(page, channel, four, group, step: 0).eachField { add($0.a, $1) }
      } else if format.valueBits == 4 {
        add(lowNibbles(codes), 2 * group)
        add(highNibbles(codes), 2 * group + 1)
      } else {
        add(codes, group)
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
    let plane = format.valuePlane + 4 * channel + 4 * channels * (first / 8)
    if format.hasValuePlane, first % 8 == 0 {
      for i in 0..<4 { prefetch_line(pageAhead(page) + plane + step * i) }
    }
    return FieldCodes(
      codes, bits: format.valueBits, first: first, plane: self.page(page) + plane, step: step)
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
