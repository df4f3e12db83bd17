/// Rounds `headSize` floats of each of `rows` rows to float16, followed by zeros up to `channels`.
///
/// - Parameters:
///   - source: Rows of floats, `sourceStride` apart.
///   - target: `[rows][channels]`.
public func storeHalf(
  _ source: UnsafePointer<Float>, sourceStride: Int, rows: Int, headSize: Int, channels: Int,
  target: UnsafeMutablePointer<Float16>
) {
  for row in 0..<rows {
    for c in 0..<channels {
      target[row * channels + c] = c < headSize ? Float16(source[row * sourceStride + c]) : 0
    }
  }
}

/// Quantizes `keys` and `values` into `page`.
///
/// Per channel, over the 64 tokens: `scale = (max − min) / (2^bits − 1)`, rounded to float16; K codes
/// count from `min`, V codes from the middle of the range, which is stored as the offset. A channel whose
/// scale rounds to 0 has codes 0. NaN becomes the lowest code; nothing traps.
///
/// V per token, over the head's channels: codes count from the middle too, with the scales and offsets of
/// ``TokenScales``.
///
/// - Parameters:
///   - keys: `[64][channels]` of float16; channels beyond the head size are zeros.
///   - values: The same shape.
///   - page: `format.byteCount` bytes, aligned to 64; overwritten.
public func sealPage(
  _ format: PageFormat, keys: UnsafePointer<Float16>, values: UnsafePointer<Float16>,
  page: UnsafeMutableRawPointer
) {
  page.initializeMemory(as: UInt8.self, repeating: 0, count: format.byteCount)
  for c in 0..<format.channels {
    sealKeyChannel(format, keys + c, channel: c, page: page)
    if !format.scalesTokens { sealValueChannel(format, values + c, channel: c, page: page) }
  }
  if format.scalesTokens { sealValueTokens(format, values, page: page) }
}

/// The least and the greatest of `count` values; NaN is skipped.
private func bounds(_ values: UnsafePointer<Float16>, stride: Int, count: Int) -> (low: Float, high: Float) {
  var (low, high) = (Float.infinity, -Float.infinity)
  for i in 0..<count {
    let x = Float(values[i * stride])
    low = x < low ? x : low
    high = x > high ? x : high
  }
  return (low, high)
}

/// The least value of a channel and its scale for `limit + 1` codes.
private func range(_ column: UnsafePointer<Float16>, stride: Int, limit: Int) -> (Float, Float16) {
  let (low, high) = bounds(column, stride: stride, count: PageFormat.tokens)
  return (low, Float16((high - low) / Float(limit)))
}

/// `rint(clamp(x, low, high))`; NaN gives `low`.
func roundedCode(_ x: Float, low: Float, high: Float) -> Int {
  let atLeast = x > low ? x : low
  let clamped = atLeast < high ? atLeast : high
  return Int(clamped.rounded(.toNearestOrEven))
}

private func sealKeyChannel(
  _ format: PageFormat, _ column: UnsafePointer<Float16>, channel: Int,
  page: UnsafeMutableRawPointer
) {
  let (offset, scale) = range(column, stride: format.channels, limit: format.keyLimit)
  let inverse = scale == 0 ? 0 : 1 / Float(scale)
  page.storeBytes(of: scale, toByteOffset: format.keyScales + 2 * channel, as: Float16.self)
  page.storeBytes(of: Float16(offset), toByteOffset: format.keyOffsets + 2 * channel, as: Float16.self)
  for t in 0..<PageFormat.tokens {
    let x = (Float(column[t * format.channels]) - offset) * inverse
    let code = roundedCode(x, low: 0, high: Float(format.keyLimit))
    page.merge(code, format.keyPlaces(token: t, channel: channel), lineBits: format.keyLineBits)
  }
}

private func sealValueChannel(
  _ format: PageFormat, _ column: UnsafePointer<Float16>, channel: Int,
  page: UnsafeMutableRawPointer
) {
  let limit = Float(format.valueLimit)
  let (low, scale) = range(column, stride: format.channels, limit: 2 * format.valueLimit - 1)
  let inverse = scale == 0 ? 0 : 1 / Float(scale)
  let offset = Float16(low + Float(scale) * limit)
  page.storeBytes(of: scale, toByteOffset: format.valueScales + 2 * channel, as: Float16.self)
  page.storeBytes(of: offset, toByteOffset: format.valueOffsets + 2 * channel, as: Float16.self)
  for t in 0..<PageFormat.tokens {
    let x = (Float(column[t * format.channels]) - Float(offset)) * inverse
    let code = roundedCode(x, low: -limit, high: limit - 1)
    page.mergeValue(code, format, token: t, channel: channel)
  }
}

private func sealValueTokens(
  _ format: PageFormat, _ values: UnsafePointer<Float16>, page: UnsafeMutableRawPointer
) {
  let scales = TokenScales(format, page: page) {
    bounds(values + $0 * format.channels, stride: 1, count: format.headSize)
  }
  let limit = Float(format.valueLimit)
  for t in 0..<PageFormat.tokens {
    for c in 0..<format.channels {
      let x = (Float(values[t * format.channels + c]) - scales.offsets[t]) * scales.inverses[t]
      page.mergeValue(roundedCode(x, low: -limit, high: limit - 1), format, token: t, channel: c)
    }
  }
}

extension UnsafeMutableRawPointer {
  /// Sets a code where nothing has been stored yet.
  fileprivate func merge(
    _ code: Int, _ places: (low: PageFormat.Place, high: PageFormat.Place?), lineBits: Int
  ) {
    merge(code & (1 << lineBits - 1), places.low)
    if let high = places.high { merge(code >> lineBits & 1, high) }
  }

  private func merge(_ bits: Int, _ place: PageFormat.Place) {
    let old = load(fromByteOffset: place.byte, as: UInt8.self)
    storeBytes(of: old | UInt8(bits) << place.shift, toByteOffset: place.byte, as: UInt8.self)
  }

  fileprivate func mergeValue(_ code: Int, _ format: PageFormat, token: Int, channel: Int) {
    merge(
      code + format.valueBias, format.valuePlaces(token: token, channel: channel),
      lineBits: format.valueLineBits)
  }
}
