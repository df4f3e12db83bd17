/// Query rows of one head of one image, and where their results go.
public struct HeadRows {
  /// `[count]` rows of `headSize` floats, `queryStride` floats apart.
  public let queries: UnsafePointer<Float>
  public let queryStride: Int
  public let count: Int
  /// `[count]` rows of `headSize` floats, `outputStride` floats apart; overlaps no query.
  public let output: UnsafeMutablePointer<Float>
  public let outputStride: Int

  public init(
    queries: UnsafePointer<Float>, queryStride: Int, count: Int, output: UnsafeMutablePointer<Float>,
    outputStride: Int
  ) {
    self.queries = queries
    self.queryStride = queryStride
    self.count = count
    self.output = output
    self.outputStride = outputStride
  }
}

extension HeadFormat {
  /// Bytes of working memory that ``attendHead(_:_:_:_:scratch:)`` and its variants need, aligned
  /// to 64: codes, scores and weights of four query rows.
  public var scratchByteCount: Int { 4 * (channels + 5 * ((tokens + 63) & ~63)) }
}

/// Lets each query attend to all tokens of a prepared head.
///
/// - Parameters:
///   - head: What ``prepareHead(_:_:tokens:_:head:)`` wrote for all tokens.
///   - scratch: ``HeadFormat/scratchByteCount`` bytes, aligned to 64.
/// - Complexity: O(rows · tokens · channels).
public func attendHead(
  _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer, _ rows: HeadRows,
  scratch: UnsafeMutableRawPointer
) {
  for row in 0..<rows.count {
    attend(
      numbers, format, head, query: rows.queries + row * rows.queryStride,
      output: rows.output + row * rows.outputStride)
  }
}

private func attend(
  _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer, query: UnsafePointer<Float>,
  output: UnsafeMutablePointer<Float>
) {
  let (codes, step) = quantizedQuery(numbers, format, head, query)
  let scores = (0..<format.tokens).map { t in
    var sum: Int32 = 0
    for c in 0..<format.headSize {
      let key = head.load(fromByteOffset: format.keyPosition(token: t, channel: c), as: UInt8.self)
      sum += Int32(codes[c]) * Int32(key)
    }
    return sum
  }
  let top = scores.reduce(Int32.min) { max($0, $1) }
  let weights = scores.map { numbers.weight(Float(top - $0) * step) }
  let inverse = 1 / Float(weights.reduce(0, +))
  for c in 0..<format.headSize {
    var sum: Int32 = 0
    for t in 0..<format.tokens {
      let value = head.load(fromByteOffset: format.valuePosition(token: t, channel: c), as: Int8.self)
      sum += weights[t] * Int32(value)
    }
    let scale = head.load(fromByteOffset: format.valueScales + 4 * c, as: Float.self)
    let offset = head.load(fromByteOffset: format.valueOffsets + 4 * c, as: Float.self)
    output[c] = offset.addingProduct(Float(sum) * inverse, scale)
  }
}

/// The codes of a query times K's channel scales, and how many code steps of a weight one step of a score is.
private func quantizedQuery(
  _ numbers: AttentionNumbers, _ format: HeadFormat, _ head: UnsafeRawPointer, _ query: UnsafePointer<Float>
) -> (codes: [Int], step: Float) {
  let folded = (0..<format.headSize).map {
    query[$0] * head.load(fromByteOffset: format.keyScales + 4 * $0, as: Float.self)
  }
  var largest: Float = 0
  for x in folded { largest = abs(x) > largest ? abs(x) : largest }
  let inverse = finiteReciprocal(numbers.queryLimit, largest)
  let step = largest * numbers.stepScale
  return (
    folded.map { roundedCode($0 * inverse, low: -128, high: 127) },
    step < AttentionNumbers.largestStep ? step : AttentionNumbers.largestStep
  )
}

extension AttentionNumbers {
  /// What turns the largest value of a folded query into the step of its row: how many code steps of a weight
  /// (octaves for 8-bit weights) lie between neighbouring scores.
  public var stepScale: Float { logitScale * (codesPerOctave == 0 ? 1 : codesPerOctave) / queryLimit }

  /// The largest step: with it a difference of one already weighs nothing.
  public static var largestStep: Float { 63 }

  /// The integer weight 0…255 of a token that lies `distance` steps below the largest.
  fileprivate func weight(_ distance: Float) -> Int32 {
    if codesPerOctave == 0 { return Int32((255 * approximateExp2(-distance)).rounded(.toNearestOrEven)) }
    return Int32(table[Int((distance < 63 ? distance : 63).rounded(.toNearestOrEven))])
  }
}
