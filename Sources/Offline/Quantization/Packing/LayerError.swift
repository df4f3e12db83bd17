import FloatKernels
import Kernels
import TensorCore

/// How far a quantized layer is from its float32 original.
enum LayerError {
  /// `‖a − b‖ / ‖a‖`, 0 where both are 0.
  static func relative(_ a: [Float], _ b: [Float]) -> Double {
    var (difference, norm) = (Double(0), Double(0))
    for (x, y) in zip(a, b) {
      let step = distance(x, y)
      difference += step * step
      norm += Double(x) * Double(x)
    }
    return norm > 0 ? (difference / norm).squareRoot() : 0
  }

  /// `a − b` rounded to float32, or in double where that overflows.
  static func distance(_ a: Float, _ b: Float) -> Double {
    let rounded = Double(a - b)
    return rounded.isFinite ? rounded : Double(a) - Double(b)
  }

  /// How far the output of rounded weights on `x`, `[rows, k]`, is from that of `w`, `[n, k]`.
  static func ofOutput(_ x: FloatTensor, _ w: FloatTensor, rounded: FloatTensor, pool: WorkerPool) -> Double {
    relative(product(x, w, pool: pool), product(x, rounded, pool: pool))
  }

  /// `x · wᵀ` for `x` `[rows, k]` and `w` `[n, k]`.
  static func product(_ x: FloatTensor, _ w: FloatTensor, pool: WorkerPool) -> [Float] {
    let (rows, n, k) = (x.shape[0], w.shape[0], x.shape[1])
    return [Float](unsafeUninitializedCapacity: rows * n) { output, count in
      let target = output.baseAddress!
      target.initialize(repeating: 0, count: rows * n)
      FloatLinearKernel.best(x.values, rows: rows, w: w.values, bias: nil, target, n: n, k: k)
      count = rows * n
    }
  }
}
