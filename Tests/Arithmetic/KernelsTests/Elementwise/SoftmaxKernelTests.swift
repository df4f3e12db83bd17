import Glibc
import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Softmax")
struct SoftmaxKernelTests {
  @Test("equals the scalar definition", arguments: SoftmaxKernel.runnable, simdSizes(upTo: 300))
  func softmaxEqualsScalar(kernel: SoftmaxKernel, count: Int) {
    var random = SeededGenerator(seed: 8)
    for (x, c) in zip(random.floatCases(count), [1, 0.5, 1, 1e30] as [Float]) {
      var expected = x
      softmax(x, &expected, count: count, inverseTemperature: c)
      let (input, output) = (GuardedBuffer(x), GuardedBuffer(x))
      kernel(input.base, output.base, count: count, inverseTemperature: c)
      kernel(input.base, input.base, count: count, inverseTemperature: c)
      #expect(firstDifference(output.elements, expected) == nil, "\(count) values, \(random)")
      #expect(firstDifference(input.elements, expected) == nil, "in place, \(count) values, \(random)")
    }
  }

  @Test("log-sum-exp equals the scalar definition", arguments: LogSumExpKernel.runnable, simdSizes(upTo: 300))
  func logSumExpEqualsScalar(kernel: LogSumExpKernel, count: Int) {
    var random = SeededGenerator(seed: 9)
    for x in random.floatCases(count) {
      let row = GuardedBuffer(x)
      #expect(
        sameBits(kernel(row.base, count: count), logSumExp(x, count: count)), "\(count) values, \(random)")
    }
  }

  /// Each exponential errs by 4e-6 + |x − max| · 2⁻²³ relative to itself (|x − max| ≤ 16), and so does their
  /// sum.
  @Test("probabilities and log-sum-exp are close to double precision", arguments: [5, 100, 1000])
  func accuracy(count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    let x = random.floats(count, in: -8...8)
    var y = x
    SoftmaxKernel.best(x, &y, count: count)
    let sum = x.reduce(0) { $0 + exp(Double($1)) }
    let relative = 2 * (4e-6 + 16 * 0x1p-23) + Double(count) / 16 * 0x1p-24
    for i in 0..<count {
      let exact = exp(Double(x[i])) / sum
      #expect(abs(Double(y[i]) - exact) <= relative * exact)
    }
    #expect(abs(Double(LogSumExpKernel.best(x, count: count)) - log(sum)) <= relative + 16 * 0x1p-24)
  }

  @Test("NaN and −∞ weigh nothing", arguments: SoftmaxKernel.runnable)
  func broken(kernel: SoftmaxKernel) {
    var y: [Float] = [.nan, 1, -.infinity, 1]
    kernel(y, &y, count: 4)
    #expect(y[1] == 0.5 && y[3] == 0.5 && y[0] < 1e-30 && y[2] < 1e-30)
  }
}
