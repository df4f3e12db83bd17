import ScalarKernels

/// Rotates the pairs `(i, i + d/2)` of each head in place by the angles of one position (rotate-half form).
package struct RotaryKernel: KernelVariant {
  package let requires: InstructionSet
  let body:
    @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void

  package static let scalar = Self(requires: .scalar) { rotary($0, cosines: $1, sines: $2, heads: $3, d: $4) }
  package static let best = select()

  /// Rotates the heads of one token; O(`heads · d`), allocates nothing.
  ///
  /// - Parameters:
  ///   - x: `[heads][d]`, rotated in place; `d` even.
  ///   - cosines: `[d / 2]`, from ``RotaryTable/cosines(at:)``.
  ///   - sines: `[d / 2]`, from ``RotaryTable/sines(at:)``.
  package func callAsFunction(
    _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, heads: Int,
    d: Int
  ) {
    precondition(heads >= 0 && d >= 0 && d % 2 == 0, "RotaryKernel: \(heads) heads of \(d)")
    body(x, cosines, sines, heads, d)
  }
}
