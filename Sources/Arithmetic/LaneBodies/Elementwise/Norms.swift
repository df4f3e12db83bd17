extension FloatLanes {
  /// The lane sum of `a[i] · b[i]`.
  ///
  /// A tail keeps the lanes that it does not reach instead of adding 0 · 0: one whose products underflowed to −0 must
  /// stay −0.
  @inlinable @inline(__always)
  public static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
    var lanes = Self(repeating: 0)
    forEachStep(of: count) { i, remaining in
      let (x, y) = (Self(a + i, remaining: remaining), Self(b + i, remaining: remaining))
      lanes.merge(fused(x, y, plus: lanes), remaining: remaining)
    }
    return lanes.total
  }

  /// `rmsNorm` of one row: the sum of squares, then one pass.
  @inlinable @inline(__always)
  public static func rmsNorm(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
    epsilon: Float
  ) {
    let r = Self(repeating: 1 / (dot(x, x, count: count) / Float(count) + epsilon).squareRoot())
    forEachStep(of: count) { i, remaining in
      let scaled = Self(x + i, remaining: remaining) * r
      (scaled * Self(weight + i, remaining: remaining)).store(y + i, remaining: remaining)
    }
  }

  /// `layerNorm` of one row, in three passes over what fits the first-level cache.
  @inlinable @inline(__always)
  public static func layerNorm(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, count: Int, epsilon: Float
  ) {
    let moments = Moments<Self>(x, count: count, epsilon: epsilon)
    forEachStep(of: count) { i, remaining in
      let centred = Self(x + i, remaining: remaining) - moments.mean
      let (w, b) = (Self(weight + i, remaining: remaining), Self(bias + i, remaining: remaining))
      fused(centred * moments.reciprocal, w, plus: b).store(y + i, remaining: remaining)
    }
  }
}

/// Mean and reciprocal standard deviation of a row, in every lane.
public struct Moments<Lanes: FloatLanes> {
  public let mean, reciprocal: Lanes

  @inlinable @inline(__always)
  public init(_ x: UnsafePointer<Float>, count: Int, epsilon: Float) {
    var sum = Lanes(repeating: 0)
    forEachStep(of: count) { i, remaining in
      sum.merge(sum + Lanes(x + i, remaining: remaining), remaining: remaining)
    }
    let mean = Lanes(repeating: sum.total / Float(count))
    var squares = Lanes(repeating: 0)
    forEachStep(of: count) { i, remaining in
      let centred = Lanes(x + i, remaining: remaining) - mean
      squares.merge(Lanes.fused(centred, centred, plus: squares), remaining: remaining)
    }
    self.mean = mean
    reciprocal = Lanes(repeating: 1 / (squares.total / Float(count) + epsilon).squareRoot())
  }
}
