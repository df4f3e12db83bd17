/// One implementation of a kernel for one instruction set.
///
/// Each kernel family is one type with one list, `all`. Dispatch, tests and benchmarks read that list, so no
/// variant escapes them.
package protocol KernelVariant: Sendable, CustomStringConvertible {
  /// The instruction set that the body is compiled for.
  var requires: InstructionSet { get }
  /// The variants for this build's processors, fastest first, in `Variants/`.
  static var vectorized: [Self] { get }
  /// The definition, which every processor runs.
  static var scalar: Self { get }
}

extension KernelVariant {
  /// Every variant, fastest first, with the scalar definition last.
  package static var all: [Self] { vectorized + [scalar] }

  package var description: String { requires.rawValue }

  /// The variants that this CPU can run, fastest first; never empty, because the scalar one requires nothing.
  package static var runnable: [Self] { variants(within: .detected) }

  /// The fastest variant that `QUANTD_ISA` and this CPU allow. Keep the result in a `static let`: this searches.
  package static func select() -> Self { select(for: .current) }

  /// The fastest variant that needs no feature beyond those of `set`, whatever `QUANTD_ISA` says.
  package static func select(for set: InstructionSet) -> Self { variants(within: set.features)[0] }

  private static func variants(within features: CPUFeatures) -> [Self] {
    all.filter { $0.requires.features.isSubset(of: features) }
  }
}
