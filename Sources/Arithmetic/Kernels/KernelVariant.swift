/// One implementation of a kernel for one instruction set.
///
/// Each kernel family is one type with one list, `all`. Dispatch, tests and benchmarks read that list, so no
/// variant escapes them.
package protocol KernelVariant: Sendable, CustomStringConvertible {
  /// The least instruction set that the body needs.
  var requires: InstructionSet { get }
  /// Every variant, fastest first, with the scalar definition last.
  static var all: [Self] { get }
}

extension KernelVariant {
  package var description: String { requires.rawValue }

  /// The variants that this CPU can run, fastest first; never empty, because the scalar one requires nothing.
  package static var runnable: [Self] { all.filter { $0.requires <= InstructionSet.detected } }

  /// The fastest variant that `QUANTD_ISA` and this CPU allow. Keep the result in a `static let`: this searches.
  package static func select() -> Self { all.first { $0.requires <= InstructionSet.current }! }
}
