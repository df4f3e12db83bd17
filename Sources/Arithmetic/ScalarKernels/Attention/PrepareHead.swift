/// Quantizes K and V of some tokens of one head of one image.
///
/// Per channel, over all tokens: `scale = (max − min) / (2^bits − 1)`, codes count from `min`; V codes are moved
/// to the middle by ``HeadFormat/valueBias``, which its offset takes in. K needs no offset: it would add the same to
/// all logits of a row. Tokens that round up a line repeat the last one. NaN becomes the lowest code; nothing
/// traps.
///
/// - Parameters:
///   - rows: Those of all `format.tokens` tokens, of which `tokens` are read.
///   - tokens: Starts at a multiple of 16, and ends at one or with the last token. Whoever has the first token writes the
///     scales and offsets as well.
///   - ranges: Those of shares that together are all tokens, in their order.
///   - head: `format.byteCount` bytes, aligned to 64.
public func prepareHead(
  _ format: HeadFormat, _ rows: KeyValueRows, tokens: Range<Int>, _ ranges: HeadRanges,
  head: UnsafeMutableRawPointer
) {
  for c in 0..<format.channels {
    /// The value of token `t`, or of the last one.
    func value(_ base: UnsafePointer<Float>, _ t: Int) -> Float {
      c < format.headSize ? base[min(t, format.tokens - 1) * rows.stride + c] : 0
    }
    let (keys, values) = (
      ChannelCodes(ChannelRange(ranges, part: 0, channel: c, of: format.channels), limit: format.keyLimit),
      ChannelCodes(ChannelRange(ranges, part: 1, channel: c, of: format.channels), limit: format.valueLimit)
    )
    if tokens.lowerBound == 0 { storeScales(keys, values, c, format, head) }
    for t in tokens.lowerBound..<(tokens.upperBound + 15) & ~15 {
      let code = UInt8(keys.code(value(rows.keys, t)))
      head.storeBytes(of: code, toByteOffset: format.keyPosition(token: t, channel: c), as: UInt8.self)
    }
    for t in tokens.lowerBound..<(tokens.upperBound + 3) & ~3 {
      let code = Int8(values.code(value(rows.values, t)) - format.valueBias)
      head.storeBytes(of: code, toByteOffset: format.valuePosition(token: t, channel: c), as: Int8.self)
    }
  }
}

private func storeScales(
  _ keys: ChannelCodes, _ values: ChannelCodes, _ c: Int, _ format: HeadFormat,
  _ head: UnsafeMutableRawPointer
) {
  let offset = values.low.addingProduct(values.scale, Float(format.valueBias))
  head.storeBytes(of: keys.scale, toByteOffset: format.keyScales + 4 * c, as: Float.self)
  head.storeBytes(of: values.scale, toByteOffset: format.valueScales + 4 * c, as: Float.self)
  head.storeBytes(of: offset, toByteOffset: format.valueOffsets + 4 * c, as: Float.self)
}

/// The least value of a channel, and what makes codes of its values.
private struct ChannelCodes {
  let low: Float
  let scale: Float
  private let inverse: Float
  private let limit: Float

  init(_ range: ChannelRange, limit: Int) {
    low = range.low
    self.limit = Float(limit)
    scale = (range.high - range.low) / self.limit
    inverse = finiteReciprocal(1, scale)
  }

  func code(_ x: Float) -> Int { roundedCode((x - low) * inverse, low: 0, high: limit) }
}

/// `x / y`, at most the greatest finite float: a channel or a row of equal values, where `y` is 0, then has
/// codes of 0 · finite = 0 and needs no branch.
func finiteReciprocal(_ x: Float, _ y: Float) -> Float {
  let quotient = x / y
  return quotient < .greatestFiniteMagnitude ? quotient : .greatestFiniteMagnitude
}
