/// K and V of one head: rows of `headSize` floats, `stride` floats apart.
public struct KeyValueRows {
  public let keys: UnsafePointer<Float>
  public let values: UnsafePointer<Float>
  public let stride: Int

  public init(keys: UnsafePointer<Float>, values: UnsafePointer<Float>, stride: Int) {
    self.keys = keys
    self.values = values
    self.stride = stride
  }
}

/// The ranges of a head's channels in some shares of an image's rows, each what ``measureHead(_:_:count:into:)`` wrote.
public struct HeadRanges {
  public let base: UnsafePointer<Float>
  public let shares: Int
  /// Floats from share to share.
  public let stride: Int

  public init(base: UnsafePointer<Float>, shares: Int, stride: Int) {
    self.base = base
    self.shares = shares
    self.stride = stride
  }
}

extension HeadFormat {
  /// Floats of ``measureHead(_:_:count:into:)``: each channel's least K, greatest K, least V and greatest V.
  public var rangeCount: Int { 4 * channels }
}

/// Finds each channel's least and greatest value of K and V in `count` rows; NaN is neither.
///
/// Shares of the rows have their ranges found side by side, on the threads that computed them, and
/// ``prepareHead(_:_:tokens:_:head:)`` combines them.
///
/// - Parameter ranges: ``HeadFormat/rangeCount`` floats, aligned to 64 bytes.
public func measureHead(
  _ format: HeadFormat, _ rows: KeyValueRows, count: Int, into ranges: UnsafeMutablePointer<Float>
) {
  for (index, base) in [rows.keys, rows.values].enumerated() {
    let target = ranges + 2 * index * format.channels
    for c in 0..<format.channels {
      var range = ChannelRange()
      for row in 0..<count { range.include(c < format.headSize ? base[row * rows.stride + c] : 0) }
      target[c] = range.low
      target[format.channels + c] = range.high
    }
  }
}

/// The least and the greatest value of a channel; of equals (−0 equals 0) the first.
struct ChannelRange {
  private(set) var low = Float.infinity
  private(set) var high = -Float.infinity

  init() {}

  /// That of channel `c` in all shares; `part` is 0 for K and 1 for V.
  init(_ ranges: HeadRanges, part: Int, channel c: Int, of channels: Int) {
    for share in 0..<ranges.shares {
      let base = ranges.base + share * ranges.stride + 2 * part * channels
      include(low: base[c], high: base[channels + c])
    }
  }

  mutating func include(_ x: Float) { include(low: x, high: x) }

  private mutating func include(low other: Float, high otherHigh: Float) {
    low = other < low ? other : low
    high = otherHigh > high ? otherHigh : high
  }
}
