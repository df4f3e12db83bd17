import CIntrinsics
import ScalarKernels

/// `softmax`: maximum, exponentials with their sum, division.
@inline(never)
package func softmaxAVX2(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, inverseTemperature: Float
) {
  let greatest = Lanes(repeating: maximumAVX2(x, count: count))
  let c = Lanes(repeating: inverseTemperature * Exp2Constants.log2e)
  var sum = Lanes(repeating: 0)
  for i in stride(from: 0, to: count, by: 16) {
    let e = approximateExp2AVX2((Lanes(x + i, remaining: count - i) - greatest) * c)
    e.store(y + i, remaining: count - i)
    sum.merge(sum + e, remaining: count - i)
  }
  let total = Lanes(repeating: sum.total)
  for i in stride(from: 0, to: count, by: 16) {
    (Lanes(y + i, remaining: count - i) / total).store(y + i, remaining: count - i)
  }
}

/// `logSumExp`; the one logarithm is the definition's.
@inline(never)
package func logSumExpAVX2(_ x: UnsafePointer<Float>, count: Int) -> Float {
  let greatest = maximumAVX2(x, count: count)
  var sum = Lanes(repeating: 0)
  for i in stride(from: 0, to: count, by: 16) {
    let e = approximateExpAVX2(Lanes(x + i, remaining: count - i) - Lanes(repeating: greatest))
    sum.merge(sum + e, remaining: count - i)
  }
  return logSumExp(maximum: greatest, sum: sum.total)
}
