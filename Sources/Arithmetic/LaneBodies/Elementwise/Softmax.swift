import ScalarKernels

extension FloatLanes {
  /// `softmax`: maximum, exponentials with their sum, division.
  @inlinable @inline(__always)
  public static func softmax(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, inverseTemperature: Float
  ) {
    let greatest = Self(repeating: maximum(x, count: count))
    let c = Self(repeating: inverseTemperature * Exp2Constants.log2e)
    var sum = Self(repeating: 0)
    forEachStep(of: count) { i, remaining in
      let e = approximateExp2((Self(x + i, remaining: remaining) - greatest) * c)
      e.store(y + i, remaining: remaining)
      sum.merge(sum + e, remaining: remaining)
    }
    let total = Self(repeating: sum.total)
    forEachStep(of: count) { i, remaining in
      (Self(y + i, remaining: remaining) / total).store(y + i, remaining: remaining)
    }
  }

  /// `logSumExp`; the one logarithm is the definition's.
  @inlinable @inline(__always)
  public static func logSumExp(_ x: UnsafePointer<Float>, count: Int) -> Float {
    let greatest = maximum(x, count: count)
    let subtrahend = Self(repeating: greatest)
    var sum = Self(repeating: 0)
    forEachStep(of: count) { i, remaining in
      let e = approximateExp(Self(x + i, remaining: remaining) - subtrahend)
      sum.merge(sum + e, remaining: remaining)
    }
    return ScalarKernels.logSumExp(maximum: greatest, sum: sum.total)
  }
}
