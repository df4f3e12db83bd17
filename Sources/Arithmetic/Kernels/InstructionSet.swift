#if canImport(Glibc)
  import Glibc
#endif

/// The instruction sets that kernels are written for, by the names that `QUANTD_ISA` knows.
///
/// Of two sets that one CPU runs, the first in this list is the faster.
package enum InstructionSet: String, Sendable, CaseIterable {
  case avx512, avx2, scalar

  /// What a CPU must have; a variant for `avx2` runs wherever one for `avx512` does.
  package var features: CPUFeatures {
    switch self {
    case .avx512: [.avx512, .avx2]
    case .avx2: .avx2
    case .scalar: []
    }
  }

  /// Every set that this CPU can run and this build has kernels for, fastest first; never empty.
  package static let runnable = runnable(on: .detected)

  /// The fastest set of `runnable`.
  package static let detected: Self = runnable[0]

  /// The set that kernels are chosen from: `QUANTD_ISA` where it names a runnable one, else `detected`.
  ///
  /// Programs call ``checkEnvironment()`` first, so that a wrong name is an error and not a surprise.
  package static let current: Self = (try? checkEnvironment()) ?? detected

  /// Reads `QUANTD_ISA`.
  ///
  /// - Returns: The set it names, or `detected` where it is not set.
  /// - Throws: ``InstructionSetError`` where it names no set, or one that cannot run here.
  @discardableResult
  package static func checkEnvironment() throws(InstructionSetError) -> Self {
    try parse(getenv("QUANTD_ISA").map { String(cString: $0) }, on: .detected)
  }

  /// The sets that a CPU with `features` runs, fastest first.
  static func runnable(on features: CPUFeatures) -> [Self] {
    allCases.filter { $0.features.isSubset(of: features) }
  }

  static func names(_ sets: [Self]) -> String { sets.map(\.rawValue).joined(separator: ", ") }

  /// What a value of `QUANTD_ISA` means on a CPU with `features`; nil, not set, means its fastest set.
  static func parse(_ name: String?, on features: CPUFeatures) throws(InstructionSetError) -> Self {
    let runnable = runnable(on: features)
    guard let name else { return runnable[0] }
    guard let set = Self(rawValue: name) else { throw .unknown(name) }
    guard runnable.contains(set) else { throw .notSupported(set, runnable: runnable) }
    return set
  }
}

package enum InstructionSetError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case notSupported(InstructionSet, runnable: [InstructionSet])

  package var description: String {
    switch self {
    case .unknown(let name):
      """
      QUANTD_ISA is '\(name)', but it must be one of \(InstructionSet.names(InstructionSet.allCases)); \
      unset it to take the fastest.
      """
    case .notSupported(let set, let runnable):
      """
      QUANTD_ISA asks for \(set.rawValue), but what runs here is \
      \(InstructionSet.names(runnable)); unset QUANTD_ISA to take the fastest.
      """
    }
  }
}
