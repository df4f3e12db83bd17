import Kernels

/// A linear layer in float32, `y[m][o] = laneSum(x[m] · w[o]) + bias[o]`: the reference forward pass, and
/// layers too small to quantize.
package struct FloatLinearKernel: KernelVariant {
  package let requires: InstructionSet
  let body:
    @Sendable (
      UnsafePointer<Float>, Int, UnsafePointer<Float>, UnsafePointer<Float>?, UnsafeMutablePointer<Float>,
      Int, Int,
      Int
    ) -> Void

  package static let scalar = Self(requires: .scalar) {
    floatLinear($0, rows: $1, w: $2, bias: $3, $4, yStride: $5, n: $6, k: $7)
  }
  package static let best = select()

  /// Runs on the calling thread; callers split rows, or `n` with the help of `yStride`, between threads.
  ///
  /// - Parameters:
  ///   - x: `[rows][k]`.
  ///   - w: `[n][k]`, row-major.
  ///   - bias: `[n]`, or nil.
  ///   - y: `[rows][n]` output, not overlapping the inputs.
  ///   - yStride: Values from one row of `y` to the next; `n` where nil.
  /// - Complexity: O(`rows · n · k`); allocates nothing.
  package func callAsFunction(
    _ x: UnsafePointer<Float>, rows: Int, w: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    _ y: UnsafeMutablePointer<Float>, yStride: Int? = nil, n: Int, k: Int
  ) {
    let stride = yStride ?? n
    precondition(
      rows >= 0 && n >= 0 && k >= 0 && stride >= n,
      "FloatLinearKernel: \(rows) × \(n) × \(k), stride \(stride)")
    body(x, rows, w, bias, y, stride, n, k)
  }
}
