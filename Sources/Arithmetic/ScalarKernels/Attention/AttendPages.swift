/// How logits are computed and coded: the numbers behind an attention scheme.
public struct AttentionNumbers: @unchecked Sendable {
  // Sendable: the table is immortal and never written again.
  public let format: PageFormat
  /// The largest code of a folded query: 127, or 7 for 4-bit queries.
  public let queryLimit: Float
  /// `log2(e)` times the layer's scale, `1/√headSize` where it has none of its own: makes logits those of base 2.
  public let logitScale: Float
  /// What base-2 logits stay below, `log2(e)` times the layer's cap; 0 for no cap.
  public let logitCap: Float
  /// Log codes per octave; 0 where weights are 8-bit exponentials.
  public let codesPerOctave: Float
  /// The weights of the 64 log codes; lives as long as the process.
  public let table: UnsafePointer<UInt8>

  public init(
    format: PageFormat, queryLimit: Float, logitScale: Float, logitCap: Float = 0, codesPerOctave: Float,
    table: UnsafePointer<UInt8>
  ) {
    self.format = format
    self.queryLimit = queryLimit
    self.logitScale = logitScale
    self.logitCap = logitCap
    self.codesPerOctave = codesPerOctave
    self.table = table
  }
}

/// Bytes of working memory that ``attendPages(_:_:queries:rows:states:scratch:)`` and its variants need,
/// aligned to 64: query codes, logits, weights and factors of 16 rows and pages, or those of one row and a
/// page's unpacked codes.
public func attendPagesScratch(channels: Int) -> Int {
  2 * PageFormat.tokens * channels + 16 * channels + 8192
}

/// Lets each of `rows` queries attend to every token of a list of sealed pages that its window has not left behind,
/// and adds that to its state.
///
/// - Parameters:
///   - queries: `[rows][channels]`; channels beyond the head size are zeros.
///   - states: `[rows]` of ``AttentionState``.
///   - scratch: ``attendPagesScratch(channels:)`` bytes, aligned to 64.
/// - Complexity: O(`rows` · pages · 64 · channels); allocates nothing that outlives the call.
public func attendPages(
  _ numbers: AttentionNumbers, _ list: PageList, queries: UnsafePointer<Float>, rows: Int,
  states: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
) {
  let channels = numbers.format.channels
  for index in 0..<list.count {
    for row in 0..<rows {
      attendPage(
        numbers, list.pages[index], hidden: list.hidden(page: index, row: row),
        query: queries + row * channels,
        state: states + row * AttentionState.stride(channels: channels))
    }
  }
}

/// One query row, one page without its `hidden` oldest tokens: those count neither for the maximum nor for the sums.
private func attendPage(
  _ numbers: AttentionNumbers, _ page: UnsafeRawPointer, hidden: Int, query: UnsafePointer<Float>,
  state: UnsafeMutablePointer<Float>
) {
  let format = numbers.format
  let logits = pageLogits(numbers, page, query: query)
  var pageMaximum = AttentionState.emptyMaximum
  for s in logits[hidden...] { pageMaximum = s > pageMaximum ? s : pageMaximum }
  let weights = logits.indices.map {
    $0 < hidden ? 0 : weight(numbers, of: logits[$0], below: pageMaximum)
  }

  let maximum = pageMaximum > state[0] ? pageMaximum : state[0]
  let (keep, factor) = (approximateExp2(state[0] - maximum), approximateExp2(pageMaximum - maximum))
  let sum = Float(weights.reduce(0, +))
  state[0] = maximum
  state[1] = (state[1] * keep).addingProduct(sum, factor)
  for c in 0..<format.channels {
    var codes = 0
    for t in 0..<PageFormat.tokens { codes += weights[t] * format.valueCode(page, token: t, channel: c) }
    let scaled = format.scale(page, section: format.valueScales, channel: c) * Float(codes)
    let value = scaled.addingProduct(sum, format.scale(page, section: format.valueOffsets, channel: c))
    let output = state + AttentionState.output + c
    output.pointee = (output.pointee * keep).addingProduct(value, factor)
  }
}

/// The base-2 logits of a page: K's channel scales go into the query, which is quantized again.
private func pageLogits(
  _ numbers: AttentionNumbers, _ page: UnsafeRawPointer, query: UnsafePointer<Float>
) -> [Float] {
  let format = numbers.format
  let folded = (0..<format.channels).map {
    query[$0] * format.scale(page, section: format.keyScales, channel: $0)
  }
  var largest: Float = 0
  for x in folded { largest = abs(x) > largest ? abs(x) : largest }
  let limit = numbers.queryLimit
  let quotient = limit / largest
  let inverse = largest > 0 && quotient.isFinite ? quotient : 0
  let codes = folded.map { roundedCode($0 * inverse, low: -limit, high: limit) }
  var base = LaneSum()
  for c in 0..<format.channels {
    base.add(productOf: query[c], format.scale(page, section: format.keyOffsets, channel: c), at: c)
  }
  let (factor, shift) = (largest / limit * numbers.logitScale, base.total * numbers.logitScale)
  return (0..<PageFormat.tokens).map { t in
    var sum = 0
    for c in 0..<format.channels { sum += codes[c] * format.keyCode(page, token: t, channel: c) }
    return numbers.capped(shift.addingProduct(Float(sum), factor))
  }
}

extension AttentionNumbers {
  /// A base-2 logit within the cap, where there is one.
  fileprivate func capped(_ logit: Float) -> Float { logitCap > 0 ? softCap(logit, cap: logitCap) : logit }
}

/// The integer weight of a token, 0…255, relative to the largest logit of its page.
private func weight(_ numbers: AttentionNumbers, of logit: Float, below pageMaximum: Float) -> Int {
  if numbers.codesPerOctave == 0 {
    return Int((255 * approximateExp2(logit - pageMaximum)).rounded(.toNearestOrEven))
  }
  let octaves = (pageMaximum - logit) * numbers.codesPerOctave
  let code = octaves < 63 ? octaves : 63  // NaN gives 63: no weight
  return Int(numbers.table[Int(code.rounded(.toNearestOrEven))])
}
