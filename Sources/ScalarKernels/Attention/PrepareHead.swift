/// Quantizes K and V of one head of one image.
///
/// Per channel, over all tokens: `scale = (max − min) / (2^bits − 1)`, codes count from `min`; V codes are moved
/// to the middle by ``HeadFormat/valueBias``, which its offset takes in. K needs no offset: it would add the same to
/// all logits of a row. Tokens that round up a line repeat the last one. NaN becomes the lowest code; nothing
/// traps.
///
/// - Parameters:
///   - keys: `[tokens]` rows of `headSize` floats, `stride` floats apart; `values` alike.
///   - head: `format.byteCount` bytes, aligned to 64; overwritten.
public func prepareHead(
  _ format: HeadFormat, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, stride: Int,
  head: UnsafeMutableRawPointer
) {
  for c in 0..<format.channels {
    let column = (0..<format.tokens).map { c < format.headSize ? keys[$0 * stride + c] : 0 }
    let range = ChannelRange(column, limit: format.keyLimit)
    head.storeBytes(of: range.scale, toByteOffset: format.keyScales + 4 * c, as: Float.self)
    for t in 0..<(format.tokens + 15) & ~15 {
      let code = range.code(column[min(t, format.tokens - 1)])
      head.storeBytes(of: UInt8(code), toByteOffset: format.keyPosition(token: t, channel: c), as: UInt8.self)
    }
  }
  for c in 0..<format.channels {
    let column = (0..<format.tokens).map { c < format.headSize ? values[$0 * stride + c] : 0 }
    let range = ChannelRange(column, limit: format.valueLimit)
    let offset = range.low.addingProduct(range.scale, Float(format.valueBias))
    head.storeBytes(of: range.scale, toByteOffset: format.valueScales + 4 * c, as: Float.self)
    head.storeBytes(of: offset, toByteOffset: format.valueOffsets + 4 * c, as: Float.self)
    for t in 0..<(format.tokens + 3) & ~3 {
      let code = range.code(column[min(t, format.tokens - 1)]) - format.valueBias
      head.storeBytes(of: Int8(code), toByteOffset: format.valuePosition(token: t, channel: c), as: Int8.self)
    }
  }
}

/// The least value of a channel, and what makes codes of its values.
private struct ChannelRange {
  let low: Float
  let scale: Float
  private let inverse: Float
  private let limit: Float

  init(_ column: [Float], limit: Int) {
    var (low, high) = (Float.infinity, -Float.infinity)
    for x in column {
      low = x < low ? x : low
      high = x > high ? x : high
    }
    self.low = low
    self.limit = Float(limit)
    scale = (high - low) / self.limit
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
