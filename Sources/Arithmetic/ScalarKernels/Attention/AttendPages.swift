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
  let logits = pageLogits(numbers, page, query: query)
  var pageMaximum = AttentionState.emptyMaximum
  for s in logits[hidden...] { pageMaximum = s > pageMaximum ? s : pageMaximum }
  let result =
    numbers.format.scalesTokens
    ? tokenScaledResult(numbers, page, hidden: hidden, logits, below: pageMaximum)
    : channelScaledResult(numbers, page, hidden: hidden, logits, below: pageMaximum)

  let maximum = pageMaximum > state[0] ? pageMaximum : state[0]
  let (keep, factor) = (approximateExp2(state[0] - maximum), approximateExp2(pageMaximum - maximum))
  state[0] = maximum
  state[1] = (state[1] * keep).addingProduct(result.sum, factor)
  for (c, value) in result.values.enumerated() {
    let output = state + AttentionState.output + c
    output.pointee = (output.pointee * keep).addingProduct(value, factor)
  }
}

/// The sum of a page's weights, and each channel's sum of weights times values, relative to the page's maximum.
private typealias PageResult = (sum: Float, values: [Float])

private func channelScaledResult(
  _ numbers: AttentionNumbers, _ page: UnsafeRawPointer, hidden: Int, _ logits: [Float],
  below pageMaximum: Float
) -> PageResult {
  let format = numbers.format
  let weights = logits.indices.map {
    $0 < hidden ? 0 : weight(numbers, of: logits[$0], below: pageMaximum)
  }
  let sum = Float(weights.reduce(0, +))
  let values = (0..<format.channels).map { c in
    let codes = weightedCodes(format, page, weights, channel: c)
    let scaled = format.scale(page, section: format.valueScales, channel: c) * Float(codes)
    return scaled.addingProduct(sum, format.scale(page, section: format.valueOffsets, channel: c))
  }
  return (sum, values)
}

/// A token's scale is a number of the weights' steps: the weight with it is that of the code plus those steps. The
/// least such code of the page becomes 0, so that the weights use the table's full range, and one scale gives it back.
/// The sum needs the weights without scales, and so do the tokens' offsets, which are one number for all channels.
private func tokenScaledResult(
  _ numbers: AttentionNumbers, _ page: UnsafeRawPointer, hidden: Int, _ logits: [Float],
  below pageMaximum: Float
) -> PageResult {
  let format = numbers.format
  let codes = logits.indices.map {
    $0 < hidden ? 255 : logCode(numbers, of: logits[$0], below: pageMaximum, atMost: 255)
  }
  let steps = codes.indices.map { format.tokenStep(page, token: $0) }
  let largestScale = steps.min() ?? 0
  let scaledCodes = codes.indices.map { min(codes[$0] + steps[$0] - largestScale, 255) }
  // A code of 255 is no weight: at least 128 steps above this.
  let least = scaledCodes.reduce(ValueStep.span, min)

  let weights = codes.map { Int(numbers.table[min($0, 63)]) }
  let scaledWeights = scaledCodes.map { Int(numbers.table[min($0 - least, 63)]) }
  var offset = LaneSum()
  for t in weights.indices {
    offset.add(
      productOf: Float(weights[t]), format.scale(page, section: format.valueOffsets, channel: t), at: t)
  }
  let (scale, shift) = (ValueStep.scale(largestScale + least), offset.total)
  let values = (0..<format.channels).map {
    Float(weightedCodes(format, page, scaledWeights, channel: $0)) * scale + shift
  }
  return (Float(weights.reduce(0, +)), values)
}

private func weightedCodes(
  _ format: PageFormat, _ page: UnsafeRawPointer, _ weights: [Int], channel: Int
) -> Int {
  weights.indices.reduce(0) { $0 + weights[$1] * format.valueCode(page, token: $1, channel: channel) }
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
  return Int(numbers.table[logCode(numbers, of: logit, below: pageMaximum, atMost: 63)])
}

/// `rint(min((b − s) · κ, most))`; NaN gives `most`.
private func logCode(
  _ numbers: AttentionNumbers, of logit: Float, below pageMaximum: Float, atMost most: Float
) -> Int {
  let octaves = (pageMaximum - logit) * numbers.codesPerOctave
  return Int((octaves < most ? octaves : most).rounded(.toNearestOrEven))
}
