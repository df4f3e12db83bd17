import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Addition of rows")
struct AddKernelTests {
  @Test("equals the scalar definition", arguments: AddKernel.runnable, simdSizes(upTo: 300))
  func equalsScalar(kernel: AddKernel, count: Int) {
    var random = SeededGenerator(seed: 5)
    for (x, y) in zip(random.floatCases(count), random.floatCases(count)) {
      var expected = y
      add(x, to: &expected, count: count)
      let (input, sum) = (GuardedBuffer(x), GuardedBuffer(y))
      kernel(input.base, to: sum.base, count: count)
      #expect(firstDifference(sum.elements, expected) == nil, "\(count) values, \(random)")
    }
  }
}
