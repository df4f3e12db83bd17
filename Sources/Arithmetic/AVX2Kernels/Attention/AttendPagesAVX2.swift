import CIntrinsics
import LaneBodies
import ScalarKernels

/// `attendPages`, a row at a time over the page's unpacked codes, which stay in the first-level cache.
@inline(never)
package func attendPagesAVX2(
  _ numbers: AttentionNumbers, _ list: PageList, queries: UnsafePointer<Float>, rows: Int,
  states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  let channels = numbers.format.channels
  for index in 0..<list.count {
    let page = PageAVX2(numbers, list, index, scratch: scratch)
    for row in 0..<rows {
      page.attend(
        queries + row * channels, row, state: states + row * AttentionState.stride(channels: channels))
    }
  }
}

/// One page while rows attend to it.
struct PageAVX2 {
  let numbers: AttentionNumbers
  let page: UnsafeRawPointer
  /// Where the rows' windows begin in this page.
  let cut: WindowCut?
  /// Whether logits are capped or some hidden.
  let revises: Bool
  let codes: PageCodes
  /// The row's query codes.
  let query: UnsafeMutableRawPointer
  /// The row's 64 weights.
  let weights: UnsafeMutablePointer<UInt8>
  /// The row's 64 logits.
  let logits: UnsafeMutablePointer<Float>

  @inline(__always)
  init(_ numbers: AttentionNumbers, _ list: PageList, _ index: Int, scratch: UnsafeMutableRawPointer) {
    self.numbers = numbers
    page = list.pages[index]
    cut = index == 0 ? list.cut : nil
    revises = numbers.logitCap > 0 || cut != nil
    codes = PageCodes(numbers.format, page, scratch: scratch)
    query = scratch + 2 * PageFormat.tokens * numbers.format.channels
    logits = (query + 4 * numbers.format.channels).assumingMemoryBound(to: Float.self)
    weights = UnsafeMutableRawPointer(logits + PageFormat.tokens).assumingMemoryBound(to: UInt8.self)
  }

  var channels: Int { numbers.format.channels }

  @inline(__always)
  func section(_ offset: Int) -> UnsafePointer<Float16> {
    (page + offset).assumingMemoryBound(to: Float16.self)
  }

  @inline(__always)
  func attend(_ query: UnsafePointer<Float>, _ row: Int, state: UnsafeMutablePointer<Float>) {
    let (factor, shift) = fold(query)
    var pageMaximum = score(factor, shift)
    if revises { pageMaximum = reviseLogits(logits, cap: numbers.logitCap, cut, row) }
    let sums = numbers.format.scalesTokens ? weighTokens(below: pageMaximum) : weigh(below: pageMaximum)

    let maximum = pageMaximum > state[0] ? pageMaximum : state[0]
    let keep = Lanes.approximateExp2(Lanes(repeating: state[0] - maximum))
    let step = Lanes.approximateExp2(Lanes(repeating: pageMaximum - maximum))
    state[0] = maximum
    state[1] = (state[1] * keep.first).addingProduct(Float(sums.weights), step.first)
    accumulate(sums, keep: keep, factor: step, output: state + AttentionState.output)
  }

  /// Writes the codes of the query times K's channel scales; returns what turns their sums into logits.
  @inline(__always)
  func fold(_ row: UnsafePointer<Float>) -> (factor: Lanes, shift: Lanes) {
    let scales = section(numbers.format.keyScales)
    let offsets = section(numbers.format.keyOffsets)
    var largest = Lanes(repeating: 0)
    var base = Lanes(repeating: 0)
    for c in stride(from: 0, to: channels, by: 16) {
      let q = Lanes(row + c, remaining: 16)
      let folded = q * Lanes(half: scales + c)
      largest = Lanes.greater(folded.magnitude, largest)
      base = Lanes.fused(q, Lanes(half: offsets + c), plus: base)
    }
    let absmax = largest.maximum
    let quotient = numbers.queryLimit / absmax
    let inverse = Lanes(repeating: absmax > 0 && quotient.isFinite ? quotient : 0)
    let low = Lanes(repeating: -numbers.queryLimit)
    let high = Lanes(repeating: numbers.queryLimit)
    for c in stride(from: 0, to: channels, by: 16) {
      let folded = Lanes(row + c, remaining: 16) * Lanes(half: scales + c)
      let code = Lanes.lesser(Lanes.greater(folded * inverse, low), high).rounded
      _mm_storeu_si128((query + c).assumingMemoryBound(to: __m128i.self), code.signedBytes)
    }
    return (
      Lanes(repeating: absmax / numbers.queryLimit * numbers.logitScale),
      Lanes(repeating: base.total * numbers.logitScale)
    )
  }

  /// Writes the logits; returns the largest.
  @inline(__always)
  func score(_ factor: Lanes, _ shift: Lanes) -> Float {
    var largest = Lanes(repeating: AttentionState.emptyMaximum)
    for t in stride(from: 0, to: PageFormat.tokens, by: 16) {
      var sums = Integers(repeating: 0)
      for i in 0..<channels / 4 {
        sums.add(
          keys: codes.keys + t * channels + 64 * i, query: broadcastWord(query, i),
          narrow: numbers.format.keyBits < 8)
      }
      let values = Lanes.fused(Lanes(sums), factor, plus: shift)
      values.store(logits + t, remaining: 16)
      largest = Lanes.greater(values, largest)
    }
    return largest.maximum
  }

  /// Adds the page's weighted V.
  @inline(__always)
  func accumulate(_ sums: WeightSums, keep: Lanes, factor: Lanes, output: UnsafeMutablePointer<Float>) {
    let scales = section(numbers.format.valueScales)
    let offsets = section(numbers.format.valueOffsets)
    let total = Lanes(repeating: Float(sums.weights))
    for c in stride(from: 0, to: channels, by: 16) {
      let products = Lanes(weightedCodes(channel: c, sum: sums.products))
      let value: Lanes
      if numbers.format.scalesTokens {
        value = sums.scale * products + sums.offset
      } else {
        value = Lanes.fused(total, Lanes(half: offsets + c), plus: Lanes(half: scales + c) * products)
      }
      Lanes.fused(value, factor, plus: Lanes(output + c, remaining: 16) * keep).store(
        output + c, remaining: 16)
    }
  }

  /// The sums of weights times codes of sixteen channels.
  @inline(__always)
  private func weightedCodes(channel: Int, sum: Int32) -> Integers {
    var sums = Integers(repeating: -codes.valueBias * sum)
    for i in 0..<PageFormat.tokens / 4 {
      sums.add(
        weights: broadcastWord(weights, i), values: codes.values + 4 * (i * channels + channel),
        narrow: numbers.format.valueBits < 8)
    }
    return sums
  }
}

/// `Lanes.reviseLogits`; returns the page's maximum. Apart from the loop over rows, which rarely calls it.
@inline(never)
private func reviseLogits(
  _ logits: UnsafeMutablePointer<Float>, cap: Float, _ cut: WindowCut?, _ row: Int
) -> Float {
  Lanes.reviseLogits(logits, cap: cap, hidden: cut?.hidden(row) ?? 0).maximum
}
