import ScalarKernels

/// A float linear layer: `y[m][o] = laneSum(x[m] · w[o]) + bias[o]`.
///
/// - Parameters:
///   - x: `[rows][k]`.
///   - w: `[n][k]`, row-major.
///   - bias: `[n]`, or nil: then nothing is added.
///   - y: `[rows][n]` output, `yStride` values from row to row: callers can split `n` between threads.
package func floatLinear(
  _ x: UnsafePointer<Float>, rows: Int, w: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
  _ y: UnsafeMutablePointer<Float>, yStride: Int, n: Int, k: Int
) {
  for m in 0..<rows {
    for o in 0..<n {
      let sum = laneDot(x + m * k, w + o * k, count: k)
      y[m * yStride + o] = bias.map { sum + $0[o] } ?? sum
    }
  }
}
