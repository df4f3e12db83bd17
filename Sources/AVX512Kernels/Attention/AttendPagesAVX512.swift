import CIntrinsics
import ScalarKernels

/// `attendPages` with `vpdpbusd` for both products: K's unsigned codes times the query's signed ones, unsigned weights times
/// V's signed codes. Lane t of a score register is token t, so logits need no horizontal sum.
///
/// Rows go in pairs, which share each load of K and V: with two rows the multiplies, two a cycle, take longer than the
/// loads, so more rows would gain nothing.
@inline(never)
public func attendPagesAVX512(
  _ numbers: AttentionNumbers, _ list: PageList, queries: UnsafePointer<Float>, rows: Int,
  states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  let channels = numbers.format.channels
  let stateStride = AttentionState.stride(channels: channels)
  for index in 0..<list.count {
    let page = PageAVX512(numbers, list.pages[index], valid: list.valid(index), scratch: scratch)
    var row = 0
    while row + 2 <= rows {
      page.attend(pair: queries + row * channels, states: states + row * stateStride)
      row += 2
    }
    if row < rows { page.attend(single: queries + row * channels, state: states + row * stateStride) }
  }
}

/// One page while rows attend to it.
private struct PageAVX512 {
  let numbers: AttentionNumbers
  let page: UnsafeRawPointer
  let valid: Int
  let codes: PageCodes
  /// Two rows' query codes, then two rows' weights.
  let rowScratch: UnsafeMutableRawPointer

  @inline(__always)
  init(_ numbers: AttentionNumbers, _ page: UnsafeRawPointer, valid: Int, scratch: UnsafeMutableRawPointer) {
    self.numbers = numbers
    self.page = page
    self.valid = valid
    codes = PageCodes(numbers.format, page, scratch: scratch)
    rowScratch = scratch + 2 * PageFormat.tokens * numbers.format.channels
  }

  var channels: Int { numbers.format.channels }

  @inline(__always)
  func section(_ offset: Int) -> UnsafePointer<Float16> { (page + offset).assumingMemoryBound(to: Float16.self) }

  @inline(__always)
  func attend(single query: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>) {
    let weights = rowScratch + 2 * channels
    let folded = FoldedQuery(self, query, codes: rowScratch)
    let block = weigh(scores(rowScratch), folded, into: weights)
    let step = StateStep(state, block)
    accumulate(weights, step)
  }

  @inline(__always)
  func attend(pair queries: UnsafePointer<Float>, states: UnsafeMutablePointer<Float>) {
    let (codes0, codes1) = (rowScratch, rowScratch + channels)
    let weights0 = rowScratch + 2 * channels
    let weights1 = weights0 + PageFormat.tokens
    let folded0 = FoldedQuery(self, queries, codes: codes0)
    let folded1 = FoldedQuery(self, queries + channels, codes: codes1)
    let (scores0, scores1) = scores(codes0, codes1)
    let block0 = weigh(scores0, folded0, into: weights0)
    let block1 = weigh(scores1, folded1, into: weights1)
    let step0 = StateStep(states, block0)
    let step1 = StateStep(states + AttentionState.stride(channels: channels), block1)
    accumulate(weights0, step0, weights1, step1)
  }
}

/// One row's query times K's channel scales: int8 codes in memory, and what turns their sums into logits.
private struct FoldedQuery {
  let factor: __m512
  let shift: __m512

  @inline(__always)
  init(_ page: PageAVX512, _ query: UnsafePointer<Float>, codes: UnsafeMutableRawPointer) {
    let (numbers, channels) = (page.numbers, page.channels)
    let scales = page.section(numbers.format.keyScales), offsets = page.section(numbers.format.keyOffsets)
    var largest = _mm512_setzero_ps(), base = _mm512_setzero_ps()
    for c in stride(from: 0, to: channels, by: 16) {
      let q = _mm512_loadu_ps(query + c)
      largest = _mm512_max_ps(_mm512_abs_ps(_mm512_mul_ps(q, loadHalf(scales + c))), largest)
      base = _mm512_fmadd_ps(q, loadHalf(offsets + c), base)
    }
    let absmax = laneMaximum(largest)
    let quotient = numbers.queryLimit / absmax
    let inverse = _mm512_set1_ps(absmax > 0 && quotient.isFinite ? quotient : 0)
    let low = _mm512_set1_ps(-numbers.queryLimit), high = _mm512_set1_ps(numbers.queryLimit)
    for c in stride(from: 0, to: channels, by: 16) {
      let folded = _mm512_mul_ps(_mm512_loadu_ps(query + c), loadHalf(scales + c))
      let clamped = _mm512_min_ps(_mm512_max_ps(_mm512_mul_ps(folded, inverse), low), high)
      let bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(clamped))
      _mm_storeu_si128((codes + c).assumingMemoryBound(to: __m128i.self), bytes)
    }
    factor = _mm512_set1_ps(absmax / numbers.queryLimit * numbers.logitScale)
    shift = _mm512_set1_ps(laneTotal(base) * numbers.logitScale)
  }

  @inline(__always)
  func logits(_ scores: __m512i) -> __m512 { _mm512_fmadd_ps(_mm512_cvtepi32_ps(scores), factor, shift) }
}

/// What a page adds to a row besides V: its largest logit and its integer sum of weights.
private struct Block {
  let maximum: Float
  let sum: Int32
}

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

  /// Turns scores into the 64 weights, one byte a token, in order; tokens that are not valid weigh 0.
  @inline(__always)
  func weigh(_ scores: Quad, _ folded: FoldedQuery, into weights: UnsafeMutableRawPointer) -> Block {
    let mask: UInt64 = valid == PageFormat.tokens ? .max : (1 << UInt64(valid)) - 1
    let none = _mm512_set1_ps(AttentionState.emptyMaximum)
    @inline(__always)
    func logits(_ scores: __m512i, _ first: UInt64) -> __m512 {
      _mm512_mask_mov_ps(none, __mmask16(truncatingIfNeeded: mask >> first), folded.logits(scores))
    }
    let (a, b) = (logits(scores.a, 0), logits(scores.b, 16))
    let (c, d) = (logits(scores.c, 32), logits(scores.d, 48))
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
    let valid = _mm512_maskz_mov_epi8(mask, _mm512_permutexvar_epi32(packedOrder, bytes))
    _mm512_storeu_si512(weights, valid)
    let sums = _mm512_dpbusd_epi32(_mm512_setzero_si512(), valid, _mm512_set1_epi8(1))
    return Block(maximum: maximum, sum: _mm512_reduce_add_epi32(sums))
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

/// How a row's state changes with a page.
private struct StateStep {
  let output: UnsafeMutablePointer<Float>
  let keep: __m512
  let factor: __m512
  let sum: __m512
  let weightSum: Int32

  /// Updates `m` and `l`.
  @inline(__always)
  init(_ state: UnsafeMutablePointer<Float>, _ block: Block) {
    let maximum = block.maximum > state[0] ? block.maximum : state[0]
    let sum = Float(block.sum)
    keep = approximateExp2AVX512(_mm512_set1_ps(state[0] - maximum))
    factor = approximateExp2AVX512(_mm512_set1_ps(block.maximum - maximum))
    state[0] = maximum
    state[1] = (state[1] * keep[0]).addingProduct(sum, factor[0])
    output = state + AttentionState.output
    self.sum = _mm512_set1_ps(sum)
    weightSum = block.sum
  }
}

extension PageAVX512 {
  /// Adds the page's weighted V to one row.
  @inline(__always)
  func accumulate(_ weights: UnsafeRawPointer, _ step: StateStep) {
    var c = 0
    while c + 64 <= channels {
      var sums = Quad(repeating: -codes.valueBias * step.weightSum)
      for i in 0..<(valid + 3) / 4 {
        sums.add(weights: broadcastWord(weights, i), values: Quad(values(i, c), step: 64))
      }
      update(sums, c, step)
      c += 64
    }
    while c < channels {
      update(sums16(weights, c, step), c, step)
      c += 16
    }
  }

  /// Adds it to two rows.
  @inline(__always)
  func accumulate(
    _ weights0: UnsafeRawPointer, _ step0: StateStep, _ weights1: UnsafeRawPointer, _ step1: StateStep
  ) {
    var c = 0
    while c + 64 <= channels {
      var sums0 = Quad(repeating: -codes.valueBias * step0.weightSum)
      var sums1 = Quad(repeating: -codes.valueBias * step1.weightSum)
      for i in 0..<(valid + 3) / 4 {
        let values = Quad(values(i, c), step: 64)
        sums0.add(weights: broadcastWord(weights0, i), values: values)
        sums1.add(weights: broadcastWord(weights1, i), values: values)
      }
      update(sums0, c, step0)
      update(sums1, c, step1)
      c += 64
    }
    while c < channels {
      update(sums16(weights0, c, step0), c, step0)
      update(sums16(weights1, c, step1), c, step1)
      c += 16
    }
  }

  /// V's line of tokens 4·i… and channels c….
  @inline(__always)
  private func values(_ i: Int, _ c: Int) -> UnsafeRawPointer { codes.values + 4 * (i * channels + c) }

  /// Sixteen channels.
  @inline(__always)
  private func sums16(_ weights: UnsafeRawPointer, _ c: Int, _ step: StateStep) -> __m512i {
    var sums = _mm512_set1_epi32(-codes.valueBias * step.weightSum)
    for i in 0..<(valid + 3) / 4 {
      sums = _mm512_dpbusd_epi32(sums, broadcastWord(weights, i), _mm512_loadu_si512(values(i, c)))
    }
    return sums
  }

  @inline(__always)
  private func update(_ sums: Quad, _ c: Int, _ step: StateStep) {
    update(sums.a, c, step)
    update(sums.b, c + 16, step)
    update(sums.c, c + 32, step)
    update(sums.d, c + 48, step)
  }

  @inline(__always)
  private func update(_ sums: __m512i, _ c: Int, _ step: StateStep) {
    let scaled = _mm512_mul_ps(loadHalf(section(numbers.format.valueScales) + c), _mm512_cvtepi32_ps(sums))
    let value = _mm512_fmadd_ps(step.sum, loadHalf(section(numbers.format.valueOffsets) + c), scaled)
    let kept = _mm512_mul_ps(_mm512_loadu_ps(step.output + c), step.keep)
    _mm512_storeu_ps(step.output + c, _mm512_fmadd_ps(value, step.factor, kept))
  }
}
