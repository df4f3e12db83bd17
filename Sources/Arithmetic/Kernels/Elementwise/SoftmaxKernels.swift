import ScalarKernels

/// Softmax of one row at a temperature, in base 2: `y = e / Σe` with `e = exp2((x − max) · inverseTemperature
/// · log₂ e)`.
package struct SoftmaxKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Float) -> Void

  package static let scalar = Self(requires: .scalar) { softmax($0, $1, count: $2, inverseTemperature: $3) }
  package static let best = select()

  /// Writes probabilities; O(`count`), allocates nothing.
  ///
  /// - Parameters:
  ///   - x: `[count]`. A value that is NaN or −∞ weighs 2⁻¹²⁶, so that it cannot spread.
  ///   - y: `[count]` output; may be `x` itself, but not overlap it otherwise.
  package func callAsFunction(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, inverseTemperature: Float = 1
  ) {
    precondition(count >= 0, "SoftmaxKernel: \(count) values")
    body(x, y, count, inverseTemperature)
  }
}

/// `ln Σ exp(x)` of one row: what turns a logit into a log-probability.
package struct LogSumExpKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafePointer<Float>, Int) -> Float

  package static let scalar = Self(requires: .scalar) { logSumExp($0, count: $1) }
  package static let best = select()

  /// - Parameter x: `[count]`.
  /// - Returns: `max + ln Σ exp(x − max)`; −∞ for an empty row.
  /// - Complexity: O(`count`); allocates nothing.
  package func callAsFunction(_ x: UnsafePointer<Float>, count: Int) -> Float {
    precondition(count >= 0, "LogSumExpKernel: \(count) values")
    return body(x, count)
  }
}
