import FloatKernels
import Kernels
import TestSupport
import Testing

@Suite("Float linear layer")
struct FloatLinearKernelTests {
  struct Shape: Sendable, CustomStringConvertible {
    let rows, n, k: Int
    var description: String { "\(rows) × \(n) × \(k)" }
  }

  static let shapes =
    simdSizes(upTo: 100).map { Shape(rows: 3, n: 5, k: $0) } + (0...9).map { Shape(rows: $0, n: 6, k: 33) }
    + (0...9).map { Shape(rows: 5, n: $0, k: 17) }

  @Test("equals the scalar definition", arguments: FloatLinearKernel.runnable, shapes)
  func equalsScalar(kernel: FloatLinearKernel, shape: Shape) {
    let (rows, n, k) = (shape.rows, shape.n, shape.k)
    var random = SeededGenerator(seed: 10)
    for (x, w) in zip(random.floatCases(rows * k), random.floatCases(n * k)) {
      for bias in [nil, random.floats(n)] {
        var expected = [Float](repeating: 7, count: rows * n)
        floatLinear(x, rows: rows, w: w, bias: bias, &expected, yStride: n, n: n, k: k)
        let (input, weights, shift) = (GuardedBuffer(x), GuardedBuffer(w), bias.map { GuardedBuffer($0) })
        let output = GuardedBuffer([Float](repeating: 7, count: rows * n))
        kernel(input.base, rows: rows, w: weights.base, bias: shift?.base, output.base, n: n, k: k)
        #expect(firstDifference(output.elements, expected) == nil, "\(shape), \(random)")
      }
    }
  }

  /// All products round to −0: a tail that added 0 · 0 to the lanes that it lacks would make the sum +0.
  @Test("a sum of products that underflow keeps its sign", arguments: FloatLinearKernel.runnable, 16...33)
  func underflow(kernel: FloatLinearKernel, k: Int) {
    let (x, w) = ([Float](repeating: -1e-25, count: k), [Float](repeating: 1e-25, count: k))
    var y: Float = 7
    kernel(x, rows: 1, w: w, bias: nil, &y, n: 1, k: k)
    #expect(y.bitPattern == (-0.0 as Float).bitPattern)
  }

  @Test("writes its columns only", arguments: FloatLinearKernel.runnable)
  func columns(kernel: FloatLinearKernel) {
    var random = SeededGenerator()
    let (rows, n, k) = (6, 11, 20)
    let (x, w, bias) = (random.floats(rows * k), random.floats(n * k), random.floats(n))
    var whole = [Float](repeating: 0, count: rows * n)
    kernel(x, rows: rows, w: w, bias: bias, &whole, n: n, k: k)
    let parts = GuardedBuffer([Float](repeating: 0, count: rows * n))
    w.withUnsafeBufferPointer { w in
      bias.withUnsafeBufferPointer { bias in
        for (start, end) in [(0, 4), (4, 11)] {
          kernel(
            x, rows: rows, w: w.baseAddress! + start * k, bias: bias.baseAddress! + start, parts.base + start,
            yStride: n, n: end - start, k: k)
        }
      }
    }
    #expect(firstDifference(parts.elements, whole) == nil)
  }

  /// |x|, |w| ≤ 1: a lane sum of `k` fused products errs by at most `(k/16 + 5) · 2⁻²⁴ · k`, and the bias
  /// adds one rounding.
  @Test("is close to double precision")
  func accuracy() {
    var random = SeededGenerator()
    let (rows, n, k) = (4, 9, 300)
    let (x, w, bias) = (random.floats(rows * k), random.floats(n * k), random.floats(n))
    var y = [Float](repeating: 0, count: rows * n)
    FloatLinearKernel.best(x, rows: rows, w: w, bias: bias, &y, n: n, k: k)
    for m in 0..<rows {
      for o in 0..<n {
        let exact = (0..<k).reduce(Double(bias[o])) { $0 + Double(x[m * k + $1]) * Double(w[o * k + $1]) }
        #expect(abs(Double(y[m * n + o]) - exact) <= Double(k) * Double(k / 16 + 6) * 0x1p-24)
      }
    }
  }
}
