import ScalarKernels

/// GELU in its erf form, within 4e-5 of `x · Φ(x)`, for one row of floats. `FixedPointGELU` is the form that
/// gives codes.
package struct GELUKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

  package static let scalar = Self(requires: .scalar) { gelu($0, $1, count: $2) }
  package static let best = select()

  /// `y = gelu(x)`; O(`count`), allocates nothing.
  ///
  /// - Parameters:
  ///   - x: `[count]`.
  ///   - y: `[count]` output; may be `x` itself, but not overlap it otherwise.
  package func callAsFunction(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    precondition(count >= 0, "GELUKernel: \(count) values")
    body(x, y, count)
  }
}

/// The gate of a SwiGLU block, `y = silu(gate) · up`, for one row.
package struct SiLUGateKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

  package static let scalar = Self(requires: .scalar) { siluGate($0, $1, $2, count: $3) }
  package static let best = select()

  /// `y = silu(gate) · up`; O(`count`), allocates nothing.
  ///
  /// - Parameters:
  ///   - gate: `[count]`.
  ///   - up: `[count]`.
  ///   - y: `[count]` output; may be `gate` or `up` itself, but not overlap them otherwise.
  package func callAsFunction(
    gate: UnsafePointer<Float>, up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    precondition(count >= 0, "SiLUGateKernel: \(count) values")
    body(gate, up, y, count)
  }
}
