import ScalarKernels

extension FloatLanes {
  /// `sealPage`, sixteen channels at a time: a lane is a channel, so nothing is added across lanes.
  @inlinable @inline(__always)
  public static func sealPage(
    _ format: PageFormat, keys: UnsafePointer<Float16>, values: UnsafePointer<Float16>,
    page: UnsafeMutableRawPointer
  ) {
    for c in stride(from: 0, to: format.channels, by: 16) {
      sealKeys(format, keys + c, channel: c, page: page)
      if !format.scalesTokens { sealValues(format, values + c, channel: c, page: page) }
    }
    if format.scalesTokens { sealTokens(format, values, page: page) }
    // The bytes between the channels' scale sections, where 2 · channels is no multiple of 64.
    let used = 2 * format.channels
    for section in 0..<(format.scalesTokens ? 2 : 4) {
      let start = page + format.keyScales + section * (format.keyOffsets - format.keyScales)
      (start + used).initializeMemory(as: UInt8.self, repeating: 0, count: (64 - used % 64) % 64)
    }
  }

  /// Sixteen channels of K.
  @inlinable @inline(__always)
  static func sealKeys(
    _ format: PageFormat, _ column: UnsafePointer<Float16>, channel: Int, page: UnsafeMutableRawPointer
  ) {
    let limit = Float(format.keyLimit)
    let range = SealedRange<Self>(
      column, stride: format.channels, limit: limit, scales: section(page, format.keyScales, channel))
    range.low.store(half: section(page, format.keyOffsets, channel))
    for t in 0..<PageFormat.tokens {
      let column = Self(half: column + t * format.channels)
      storeKeys(format, range.codes(column, from: range.low, 0, limit).words, t, channel: channel, page: page)
    }
  }

  /// Sixteen channels of V with scales per channel.
  @inlinable @inline(__always)
  static func sealValues(
    _ format: PageFormat, _ column: UnsafePointer<Float16>, channel: Int, page: UnsafeMutableRawPointer
  ) {
    let limit = Float(format.valueLimit)
    let range = SealedRange<Self>(
      column, stride: format.channels, limit: 2 * limit - 1,
      scales: section(page, format.valueScales, channel))
    let offsets = section(page, format.valueOffsets, channel)
    // scale · limit is exact, limit being a power of two: one rounding, as in the definition.
    fused(range.scale, Self(repeating: limit), plus: range.low).store(half: offsets)
    let offset = Self(half: offsets)
    storeValues(format, channel: channel, page: page) { t in
      range.codes(Self(half: column + t * format.channels), from: offset, -limit, limit - 1)
    }
  }

  /// V with scales per token: a token's range is over its channels, then codes are packed as in ``sealValues``.
  @inlinable @inline(__always)
  static func sealTokens(
    _ format: PageFormat, _ values: UnsafePointer<Float16>, page: UnsafeMutableRawPointer
  ) {
    let scales = TokenScales(format, page: page) { t in
      var (low, high) = (Self(repeating: .infinity), Self(repeating: -.infinity))
      for c in stride(from: 0, to: format.channels, by: 16) {
        let x = Self(half: values + t * format.channels + c)
        low.merge(lesser(x, low), remaining: format.headSize - c)
        high.merge(greater(x, high), remaining: format.headSize - c)
      }
      return (-(Self(repeating: 0) - low).maximum, high.maximum)
    }
    let limit = Float(format.valueLimit)
    for channel in stride(from: 0, to: format.channels, by: 16) {
      storeValues(format, channel: channel, page: page) { t in
        let x = Self(half: values + t * format.channels + channel) - Self(repeating: scales.offsets[t])
        let y = greater(x * Self(repeating: scales.inverses[t]), Self(repeating: -limit))
        return lesser(y, Self(repeating: limit - 1)).rounded
      }
    }
  }

  @inlinable @inline(__always)
  static func section(
    _ page: UnsafeMutableRawPointer, _ offset: Int, _ channel: Int
  ) -> UnsafeMutablePointer<Float16> {
    (page + offset).assumingMemoryBound(to: Float16.self) + channel
  }
}

/// Sixteen channels' least value, and their scales and reciprocal scales after rounding to float16.
@usableFromInline
struct SealedRange<Lanes: FloatLanes> {
  @usableFromInline let low, scale, inverse: Lanes

  @inlinable @inline(__always)
  init(_ column: UnsafePointer<Float16>, stride: Int, limit: Float, scales: UnsafeMutablePointer<Float16>) {
    var (low, high) = (Lanes(repeating: .infinity), Lanes(repeating: -.infinity))
    for t in 0..<PageFormat.tokens {
      let x = Lanes(half: column + t * stride)
      low = Lanes.lesser(x, low)
      high = Lanes.greater(x, high)
    }
    ((high - low) / Lanes(repeating: limit)).store(half: scales)
    self.low = low
    scale = Lanes(half: scales)
    inverse = scale.reciprocalOrZero
  }

  /// `rint(clamp((x − origin) · inverse, low, high))`; NaN gives `low`.
  @inlinable @inline(__always)
  func codes(_ x: Lanes, from origin: Lanes, _ low: Float, _ high: Float) -> Lanes.Integers {
    let y = Lanes.greater((x - origin) * inverse, Lanes(repeating: low))
    return Lanes.lesser(y, Lanes(repeating: high)).rounded
  }
}
