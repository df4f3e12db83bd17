#if canImport(Glibc)
  import Glibc
#endif

/// The greatest value of a row, NaN aside; −∞ where there is none.
public func maximum(_ x: UnsafePointer<Float>, count: Int) -> Float {
  var greatest = -Float.infinity
  for i in 0..<count { greatest = x[i] > greatest ? x[i] : greatest }
  return greatest
}

/// Softmax of one row at a temperature: `y = e / laneSum(e)` with `e = exp2((x − max) · c)` and
/// `c = inverseTemperature · log₂ e`.
///
/// NaN weighs 2⁻¹²⁶, like a value far below the maximum, so one broken logit cannot spread.
///
/// - Parameter y: `[count]`; may be `x` itself.
public func softmax(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, inverseTemperature: Float
) {
  let greatest = maximum(x, count: count)
  let c = inverseTemperature * Exp2Constants.log2e
  var sum = LaneSum()
  for i in 0..<count {
    y[i] = approximateExp2((x[i] - greatest) * c)
    sum.add(y[i], at: i)
  }
  let total = sum.total
  for i in 0..<count { y[i] /= total }
}

/// `ln Σ exp(x)` of one row, as `max + ln(laneSum(exp(x − max)))`; −∞ for an empty row.
public func logSumExp(_ x: UnsafePointer<Float>, count: Int) -> Float {
  let greatest = maximum(x, count: count)
  var sum = LaneSum()
  for i in 0..<count { sum.add(approximateExp(x[i] - greatest), at: i) }
  return logSumExp(maximum: greatest, sum: sum.total)
}

/// The last step of ``logSumExp(_:count:)``, shared by every instruction set: one logarithm in double,
/// rounded once.
public func logSumExp(maximum: Float, sum: Float) -> Float {
  maximum + Float(log(Double(sum)))
}
