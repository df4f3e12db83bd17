import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Selection of the greatest values")
struct SelectionKernelTests {
  @Test(
    "the greatest index equals the scalar definition", arguments: MaxIndexKernel.runnable,
    simdSizes(upTo: 300))
  func maxIndexEqualsScalar(kernel: MaxIndexKernel, count: Int) {
    guard count > 0 else { return }
    var random = SeededGenerator(seed: 6)
    for x in random.floatCases(count) + [[Float](repeating: -.infinity, count: count), ties(count, &random)] {
      let row = GuardedBuffer(x)
      #expect(kernel(row.base, count: count) == maxIndex(x, count: count), "\(count) values, \(random)")
    }
  }

  @Test("the first of equals wins, −0 equals 0, and NaN never wins", arguments: MaxIndexKernel.runnable)
  func maxIndexRules(kernel: MaxIndexKernel) {
    #expect(kernel([1, 3, 3], count: 3) == 1)
    #expect(kernel([-0.0, 0], count: 2) == 0)
    #expect(kernel([0, -0.0], count: 2) == 0)
    #expect(kernel([.nan, -.infinity, .nan], count: 3) == 1)
    #expect(kernel([.nan, -5, .nan, -4], count: 4) == 3)
    #expect(kernel([Float](repeating: .nan, count: 20), count: 20) == 0)
  }

  @Test("top-k is the head of a stable descending sort", arguments: TopKKernel.runnable, simdSizes(upTo: 300))
  func topKSorts(kernel: TopKKernel, count: Int) {
    var random = SeededGenerator(seed: 7)
    for x in random.floatCases(count) + [ties(count, &random), x(ascendingTo: count)] {
      let sorted = x.indices.filter { !x[$0].isNaN }.sorted { (x[$0], $1) > (x[$1], $0) }
      let row = GuardedBuffer(x)
      for k in [0, 1, 5, 40, 1000] {
        let actual = kernel(row.base, count: count, k: k)
        #expect(actual.map(\.index) == Array(sorted.prefix(k)), "top \(k) of \(count), \(random)")
        #expect(actual.allSatisfy { sameBits($0.value, x[$0.index]) })
      }
    }
  }

  private func x(ascendingTo count: Int) -> [Float] { (0..<count).map { Float($0) } }

  /// Few distinct values, both zeros among them.
  private func ties(_ count: Int, _ random: inout SeededGenerator) -> [Float] {
    let values: [Float] = [-0.0, 0, 1, -1, .nan]
    return (0..<count).map { _ in values[Int(random.next() % 5)] }
  }
}
