extension KernelVariant {
  /// The fastest variant that needs no more than `set`, whatever `QUANTD_ISA` says.
  package static func select(for set: InstructionSet) -> Self { all.first { $0.requires <= set }! }
}
