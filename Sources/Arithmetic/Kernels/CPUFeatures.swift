/// What a processor can do beyond its baseline: what a kernel's variant requires, and what a CPU supports.
///
/// A feature is everything that one module is compiled for: a CPU has all of it or does not have the feature.
/// Features have no order: a CPU runs a variant if it has all of the variant's features.
package struct CPUFeatures: OptionSet, Sendable, Hashable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// AVX2, FMA and F16C (Haswell, Zen and later).
  package static let avx2 = Self(rawValue: 1 << 0)
  /// AVX-512 F, BW, VL, DQ, VNNI and VBMI (Ice Lake, Zen 4 and later).
  package static let avx512 = Self(rawValue: 1 << 1)
}
