/// Root-mean-square norm of one row: `y = (x · r) · w` with `r = 1 / √(laneSum(x²) / count + epsilon)`.
///
/// - Parameter y: `[count]`; may be `x` itself.
public func rmsNorm(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
  epsilon: Float
) {
  let r = 1 / (laneDot(x, x, count: count) / Float(count) + epsilon).squareRoot()
  for i in 0..<count { y[i] = x[i] * r * weight[i] }
}

/// Layer norm of one row: with `c = x − laneSum(x) / count` and `r = 1 / √(laneSum(c²) / count + epsilon)`,
/// `y = fma(c · r, w, b)`.
///
/// Two passes, because the variance of centred values is exact where `mean(x²) − mean²` cancels.
///
/// - Parameter y: `[count]`; may be `x` itself.
public func layerNorm(
  _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>, count: Int, epsilon: Float
) {
  var sum = LaneSum()
  for i in 0..<count { sum.add(x[i], at: i) }
  let mean = sum.total / Float(count)
  var squares = LaneSum()
  for i in 0..<count { squares.add(productOf: x[i] - mean, x[i] - mean, at: i) }
  let r = 1 / (squares.total / Float(count) + epsilon).squareRoot()
  for i in 0..<count { y[i] = bias[i].addingProduct((x[i] - mean) * r, weight[i]) }
}
