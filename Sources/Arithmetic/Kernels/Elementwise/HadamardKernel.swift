import ScalarKernels

/// Mixes vectors of a row's channels with their sums and differences; see ``hadamard(_:count:mixed:)``.
package struct HadamardKernel: KernelVariant {
  package let requires: InstructionSet
  let body: @Sendable (UnsafeMutablePointer<Float>, Int, Int) -> Void

  package static let scalar = Self(requires: .scalar) { hadamard($0, count: $1, mixed: $2) }
  package static let best = select()

  /// - Parameters:
  ///   - x: `[count]`, in place.
  ///   - mixed: Vectors of sixteen that are mixed: a power of two; `count` is a multiple of `16 · mixed`.
  package func callAsFunction(_ x: UnsafeMutablePointer<Float>, count: Int, mixed: Int) {
    precondition(
      mixed > 0 && mixed & (mixed - 1) == 0 && count % (16 * mixed) == 0,
      "HadamardKernel: \(count) values in blocks of \(mixed) vectors")
    body(x, count, mixed)
  }
}
