import CIntrinsics

#if canImport(Glibc)
  import Glibc
#endif

/// The instruction sets that kernels are written for, slowest first.
///
/// `avx512` means F, BW, VL, DQ, VNNI and VBMI together (Ice Lake, Zen 4 and later).
package enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  case scalar, avx2, avx512

  package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .scalar: 0
    case .avx2: 1
    case .avx512: 2
    }
  }

  /// The best set that this CPU and operating system support.
  package static let detected: Self = cpu_has_avx512_set() ? .avx512 : cpu_has_avx2_set() ? .avx2 : .scalar

  /// Every set that this CPU can run, fastest first; never empty.
  package static let runnable: [Self] = allCases.filter { $0 <= detected }.reversed()

  /// The set that kernels are chosen from: `QUANTD_ISA` where it names a runnable one, else `detected`.
  ///
  /// Programs call ``checkEnvironment()`` first, so that a wrong name is an error and not a surprise.
  package static let current: Self = (try? checkEnvironment()) ?? detected

  /// Reads `QUANTD_ISA`.
  ///
  /// - Returns: The set it names, or `detected` where it is not set.
  /// - Throws: ``InstructionSetError`` where it names no set, or one that this CPU cannot run.
  @discardableResult
  package static func checkEnvironment() throws(InstructionSetError) -> Self {
    try parse(getenv("QUANTD_ISA").map { String(cString: $0) }, best: detected)
  }

  /// What a value of `QUANTD_ISA` means on a CPU that runs at most `best`; nil, not set, means `best`.
  static func parse(_ name: String?, best: Self) throws(InstructionSetError) -> Self {
    guard let name else { return best }
    guard let set = Self(rawValue: name) else { throw .unknown(name) }
    guard set <= best else { throw .notSupported(set, best: best) }
    return set
  }
}

package enum InstructionSetError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case notSupported(InstructionSet, best: InstructionSet)

  package var description: String {
    switch self {
    case .unknown(let name):
      "QUANTD_ISA is '\(name)', but it must be scalar, avx2 or avx512; unset it to take the fastest."
    case .notSupported(let set, let best):
      "QUANTD_ISA asks for \(set.rawValue), but this CPU runs at most \(best.rawValue); unset QUANTD_ISA."
    }
  }
}
