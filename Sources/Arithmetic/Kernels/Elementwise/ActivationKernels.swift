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

/// The gate of a GeGLU block, `y = gelu(gate) · up` with GELU's tanh form, for one row.
package struct GELUTanhGateKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

  package static let scalar = Self(requires: .scalar) { geluTanhGate($0, $1, $2, count: $3) }
  package static let best = select()

  /// `y = gelu(gate) · up`; O(`count`), allocates nothing. Shapes as ``SiLUGateKernel``'s.
  package func callAsFunction(
    gate: UnsafePointer<Float>, up: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    precondition(count >= 0, "GELUTanhGateKernel: \(count) values")
    body(gate, up, y, count)
  }
}

/// Keeps one row of logits within a cap, `cap · tanh(x / cap)`, in place.
package struct SoftCapKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafeMutablePointer<Float>, Int, Float) -> Void

  package static let scalar = Self(requires: .scalar) { softCap($0, count: $1, cap: $2) }
  package static let best = select()

  /// O(`count`), allocates nothing.
  ///
  /// - Parameters:
  ///   - x: `[count]`, overwritten.
  ///   - cap: Positive.
  package func callAsFunction(_ x: UnsafeMutablePointer<Float>, count: Int, cap: Float) {
    precondition(count >= 0 && cap > 0, "SoftCapKernel: \(count) values, a cap of \(cap)")
    body(x, count, cap)
  }
}
