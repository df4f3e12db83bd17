import Kernels
import ScalarKernels
import TestSupport
import Testing

@Suite("Hadamard transform of vectors")
struct HadamardKernelTests {
  static let sizes = [1, 2, 4, 8, 16, 32, 64]

  @Test("equals the scalar definition", arguments: HadamardKernel.runnable, sizes)
  func equalsScalar(kernel: HadamardKernel, mixed: Int) {
    var random = SeededGenerator(seed: 16)
    for blocks in [0, 1, 2, 3, 5] {
      let count = 16 * mixed * blocks
      for x in random.floatCases(count) {
        var expected = x
        hadamard(&expected, count: count, mixed: mixed)
        let row = GuardedBuffer(x)
        kernel(row.base, count: count, mixed: mixed)
        #expect(firstDifference(row.elements, expected) == nil, "\(blocks) of \(mixed), \(random)")
      }
    }
  }

  @Test("may begin at any float", arguments: HadamardKernel.runnable)
  func misaligned(kernel: HadamardKernel) {
    var random = SeededGenerator(seed: 17)
    let count = 16 * 8 * 3
    let x = random.floats(count, in: -1...1)
    var expected = x
    hadamard(&expected, count: count, mixed: 8)
    for offset in 1..<16 {
      let row = GuardedBuffer(x + [Float](repeating: 7, count: offset))
      kernel(row.base, count: count, mixed: 8)
      #expect(row.elements == expected + [Float](repeating: 7, count: offset))
    }
  }

  /// Sums of up to 64 integers of up to 1000, and of 64 · 64, are exact in float32, in any order.
  @Test("multiplies each lane by the Hadamard matrix of the block's size", arguments: sizes)
  func matrix(mixed: Int) {
    var random = SeededGenerator(seed: 18)
    let count = 16 * mixed * 2
    let x = random.floats(count, in: -1000...1000).map { $0.rounded() }
    var y = x
    hadamard(&y, count: count, mixed: mixed)
    for index in 0..<count {
      let (vector, start) = (index / 16 % mixed, index / (16 * mixed) * 16 * mixed + index % 16)
      let sum = (0..<mixed).reduce(Float(0)) { sum, other in
        let isNegative = (vector & other).nonzeroBitCount % 2 == 1
        return isNegative ? sum - x[start + 16 * other] : sum + x[start + 16 * other]
      }
      #expect(y[index] == sum)
    }
  }

  @Test("twice is the block's size times the row", arguments: HadamardKernel.runnable, sizes)
  func inverse(kernel: HadamardKernel, mixed: Int) {
    var random = SeededGenerator(seed: 19)
    let x = random.floats(16 * mixed * 3, in: -1000...1000).map { $0.rounded() }
    var y = x
    kernel(&y, count: y.count, mixed: mixed)
    kernel(&y, count: y.count, mixed: mixed)
    #expect(y == x.map { $0 * Float(mixed) })
  }

  @Test("leaves rows as they are where one vector is mixed")
  func none() {
    let x: [Float] = (0..<48).map { $0 == 3 ? -0.0 : Float($0) }
    var y = x
    HadamardKernel.best(&y, count: 48, mixed: 1)
    #expect(firstDifference(y, x) == nil)
  }
}
