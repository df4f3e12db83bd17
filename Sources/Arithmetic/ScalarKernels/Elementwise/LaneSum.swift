/// A sum over sixteen lanes: the one order of addition that scalar, AVX2 and AVX-512 code all follow.
///
/// Value `i` goes to lane `i mod 16` and each lane is summed in ascending `i` from +0; `total` then halves
/// the lanes: `for h in 8, 4, 2, 1: lane[j] += lane[j + h] for j < h`. Lanes that a short row does not reach
/// stay +0.
public struct LaneSum {
  private var lanes = SIMD16<Float>(repeating: 0)

  public init() {}

  /// Adds `value`, which stands at `index` of the row.
  public mutating func add(_ value: Float, at index: Int) {
    lanes[index % 16] += value
  }

  /// Adds `a · b` with one rounding, as a fused multiply-add does.
  public mutating func add(productOf a: Float, _ b: Float, at index: Int) {
    lanes[index % 16].addProduct(a, b)
  }

  /// The sum of the lanes, by the halving tree.
  public var total: Float {
    var tree = lanes
    for half in [8, 4, 2, 1] {
      for j in 0..<half { tree[j] += tree[j + half] }
    }
    return tree[0]
  }
}

/// The lane sum of `a[i] · b[i]`, one fused multiply-add per element.
public func laneDot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
  var sum = LaneSum()
  for i in 0..<count { sum.add(productOf: a[i], b[i], at: i) }
  return sum.total
}
