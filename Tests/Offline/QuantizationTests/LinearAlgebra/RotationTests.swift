import Kernels
import TensorCore
import Testing
import Vocabulary

@testable import Quantization

@Suite("Rotations")
struct RotationTests {
  private let pool = WorkerPool(threads: 2)

  @Test("a rotation keeps lengths and angles", arguments: [1, 2, 3, 8, 12, 36, 64, 576])
  func orthogonal(size: Int) {
    var unit = [Float](repeating: 0, count: size * size)
    for index in 0..<size { unit[index * size + index] = 1 }
    let turned = Rotation(size: size).rows(FloatTensor(shape: [size, size], values: unit), pool: pool)
    for row in 0..<size {
      for other in stride(from: 0, through: row, by: 7) + [row] {
        let product = zip(turned.row(row), turned.row(other)).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(product - (row == other ? 1 : 0)) < 1e-5)
      }
    }
  }

  @Test("every channel goes to all others")
  func spreads() {
    let turned = Rotation(size: 48).vector(
      FloatTensor(shape: [48], values: [1] + [Float](repeating: 0, count: 47)), pool: pool)
    #expect(turned.values.allSatisfy { $0 != 0 && abs($0) < 0.75 })
  }

  @Test("columns turn as rows of the transposed matrix do")
  func columns() {
    var random = SplitMix64(seed: 3)
    let x = FloatTensor(shape: [24, 5], values: (0..<120).map { _ in Float(random.nextUnit()) })
    let rotation = Rotation(size: 12)
    #expect(rotation.columns(x, pool: pool) == rotation.rows(x.transposed, pool: pool).transposed)
    #expect(x.transposed.transposed == x)
  }
}
