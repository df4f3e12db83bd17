import ScalarKernels

/// Root-mean-square norm of one row: `y = (x · r) · w` with `r = 1 / √(mean(x²) + epsilon)`; see
/// <doc:Numerics>.
package struct RMSNormKernel: KernelVariant {
  package let requires: InstructionSet
  let body:
    @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Float) -> Void

  package static let scalar = Self(requires: .scalar) { rmsNorm($0, weight: $1, $2, count: $3, epsilon: $4) }
  package static let best = select()

  /// Normalizes one row; O(`count`), allocates nothing.
  ///
  /// - Parameters:
  ///   - x: `[count]`.
  ///   - weight: `[count]`.
  ///   - y: `[count]` output; may be `x` itself, but not overlap it otherwise.
  package func callAsFunction(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
    epsilon: Float
  ) {
    precondition(count >= 0, "RMSNormKernel: \(count) values")
    body(x, weight, y, count, epsilon)
  }
}

/// Layer norm of one row: `y = fma((x − mean) · r, w, b)` with `r = 1 / √(variance + epsilon)`; see
/// <doc:Numerics>.
package struct LayerNormKernel: KernelVariant {
  package let requires: InstructionSet
  let body:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int,
      Float
    ) -> Void

  package static let scalar = Self(requires: .scalar) {
    layerNorm($0, weight: $1, bias: $2, $3, count: $4, epsilon: $5)
  }
  package static let best = select()

  /// Normalizes one row; O(`count`), allocates nothing.
  ///
  /// - Parameters:
  ///   - x: `[count]`.
  ///   - weight: `[count]`.
  ///   - bias: `[count]`.
  ///   - y: `[count]` output; may be `x` itself, but not overlap it otherwise.
  package func callAsFunction(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, count: Int, epsilon: Float
  ) {
    precondition(count >= 0, "LayerNormKernel: \(count) values")
    body(x, weight, bias, y, count, epsilon)
  }
}
