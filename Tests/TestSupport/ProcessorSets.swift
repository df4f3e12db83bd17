import FoundationEssentials

/// The instruction sets of this CPU by the names that `QUANTD_ISA` takes, as the kernel read them from CPUID.
///
/// This looks past the code under test. A set that is listed here and does not run is a failure, never a skip. A build
/// without x86 kernels has the scalar set alone, whatever the CPU.
package enum ProcessorSets {
  /// What each set needs, in the words of `/proc/cpuinfo`; each set includes the one before it.
  private static let needs = [
    ("scalar", [] as [String]), ("avx2", ["avx2", "fma", "f16c"]),
    ("avx512", ["avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni", "avx512vbmi"]),
  ]

  /// Slowest first; never empty.
  package static let names = needs.prefix { $0.1.allSatisfy(flags.contains) }.map(\.0)

  /// One line that shows which sets a test ran, and which this CPU does not have.
  package static var line: String {
    let others = needs.map(\.0).filter { !names.contains($0) }
    return "instruction sets that ran: \(names.joined(separator: ", "))"
      + (others.isEmpty ? "" : "; not here: \(others.joined(separator: ", "))")
  }

  private static let flags: Set<String> = {
    #if arch(x86_64) && !WITHOUT_X86
      let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else {
        preconditionFailure("/proc/cpuinfo has no line of flags, so nobody knows which sets have to run")
      }
      return Set(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init))
    #else
      return []
    #endif
  }()
}
