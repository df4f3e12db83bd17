import Kernels
import TensorCore
import Testing
import Vocabulary

@testable import Quantization

@Suite("Cholesky factors")
struct CholeskyFactorTests {
  @Test(
    "the factor times its transpose is the matrix, the same for any number of threads",
    arguments: [1, 3, 70, 130])
  func product(size: Int) throws {
    let matrix = definite(size)
    let factor = try #require(CholeskyFactor(matrix, size: size, pool: WorkerPool(threads: 1)))
    let other = try #require(CholeskyFactor(matrix, size: size, pool: WorkerPool(threads: 3)))
    #expect(factor.values == other.values)
    for row in 0..<size {
      for column in 0...row {
        let sum = (0..<size).reduce(0.0) {
          $0 + factor.values[row * size + $1] * factor.values[column * size + $1]
        }
        #expect(abs(sum - matrix[row * size + column]) < 1e-9 * Double(size))
      }
    }
  }

  @Test("a matrix that is not positive definite, or no number, has none")
  func indefinite() {
    let pool = WorkerPool(threads: 1)
    #expect(CholeskyFactor([1, 2, 2, 1], size: 2, pool: pool) == nil)
    #expect(CholeskyFactor([0], size: 1, pool: pool) == nil)
    #expect(CholeskyFactor([.nan], size: 1, pool: pool) == nil)
    #expect(CholeskyFactor([.infinity], size: 1, pool: pool) == nil)
  }

  private func definite(_ size: Int) -> [Double] {
    var random = SplitMix64(seed: UInt64(size))
    let a = (0..<size * size).map { _ in random.nextUnit() - 0.5 }
    return (0..<size * size).map { index in
      let (row, column) = (index / size, index % size)
      let sum = (0..<size).reduce(0.0) { $0 + a[row * size + $1] * a[column * size + $1] }
      return row == column ? sum + 0.1 : sum
    }
  }
}
