import ScalarKernels

/// `y += x` for one row: the residual connection where no linear layer fuses it.
package struct AddKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

  package static let scalar = Self(requires: .scalar) { add($0, to: $1, count: $2) }
  package static let best = select()

  /// Adds `x` to `y`; O(`count`), allocates nothing.
  ///
  /// - Parameters:
  ///   - x: `[count]`.
  ///   - y: `[count]`, read and written; may be `x` itself, but not overlap it otherwise.
  package func callAsFunction(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    precondition(count >= 0, "AddKernel: \(count) values")
    body(x, y, count)
  }
}
