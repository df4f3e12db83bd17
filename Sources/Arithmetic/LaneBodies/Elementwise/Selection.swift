extension FloatLanes {
  /// `maximum` of one row: the accumulators are the second operands, so that NaN loses.
  ///
  /// Two accumulators hide the latency of the comparison; the greatest value does not depend on the order.
  @inlinable @inline(__always)
  public static func maximum(_ x: UnsafePointer<Float>, count: Int) -> Float {
    var (even, odd) = (Self(repeating: -.infinity), Self(repeating: -.infinity))
    let whole = count & ~31
    var i = 0
    while i < whole {
      even = greater(Self(x + i, remaining: 16), even)
      odd = greater(Self(x + i + 16, remaining: 16), odd)
      i &+= 32
    }
    while i < count {
      even.merge(greater(Self(x + i, remaining: count &- i), even), remaining: count &- i)
      i &+= 16
    }
    return greater(even, odd).maximum
  }

  /// `maxIndex` in two passes: the maximum, then the first lane that equals it.
  ///
  /// Adding +0 turns −0 into 0, after which equal floats have equal bits.
  @inlinable @inline(__always)
  public static func maxIndex(_ x: UnsafePointer<Float>, count: Int) -> Int {
    let zero = Self(repeating: 0)
    let wanted = Self(repeating: maximum(x, count: count)) + zero
    let found = firstIndex(from: 0, count: count) { i, remaining in
      equalBits(Self(x + i, remaining: remaining) + zero, wanted)
    }
    return found < count ? found : 0
  }

  /// `firstIndex`: `greater(x, threshold)` differs from the threshold in bits exactly where `x` is above it.
  @inlinable @inline(__always)
  public static func firstIndex(
    in x: UnsafePointer<Float>, from start: Int, count: Int, above threshold: Float
  ) -> Int {
    let bound = Self(repeating: threshold)
    return firstIndex(from: start, count: count) { i, remaining in
      ~equalBits(greater(Self(x + i, remaining: remaining), bound), bound)
    }
  }

  /// The first index from `start` on whose lane has a bit in what `lanes` gives for `i ..< i + 16`, or `count`.
  @inlinable @inline(__always)
  static func firstIndex(
    from start: Int, count: Int, _ lanes: (_ i: Int, _ remaining: Int) -> UInt16
  ) -> Int {
    var i = start
    while i &+ 16 <= count {
      let found = lanes(i, 16)
      if found != 0 { return i &+ found.trailingZeroBitCount }
      i &+= 16
    }
    guard i < count else { return count }
    // Lanes that do not exist read as 0, which may be what is looked for.
    return min(count, i &+ lanes(i, count &- i).trailingZeroBitCount)
  }
}
