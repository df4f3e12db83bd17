import Kernels

/// What one core can do at most with an instruction set: the denominators of every benchmark.
///
/// The loops' results mean nothing. A caller keeps them so that the compiler does not remove the loops.
package struct PeakKernel: KernelVariant {
  package let requires: InstructionSet
  /// Multiplications and additions in one round of `int8`.
  package let int8Operations: Int
  /// Rounds of 8-bit multiply-adds into 32 bits, in registers alone.
  package let int8: @Sendable (_ rounds: Int) -> Int32
  /// Multiplications and additions in one round of `float`.
  package let floatOperations: Int
  /// Rounds of fused float32 multiply-adds, in registers alone.
  package let float: @Sendable (_ rounds: Int) -> Float
  /// Reads bytes, a multiple of 4,096 and aligned to 64, in four streams.
  package let read: @Sendable (UnsafeRawPointer, _ count: Int) -> Int64

  package static let scalar = Self(
    requires: .scalar, int8Operations: peakInt8Operations, int8: { peakInt8(rounds: $0) },
    floatOperations: peakFloatOperations, float: { peakFloat(rounds: $0) }, read: { peakRead($0, count: $1) })
}
