import FoundationEssentials
import Glibc
import Kernels
import Packs
import Vocabulary
import WireProtocol

/// The machine and build that the figures were taken with: the first line of every report.
struct Machine: Encodable {
  let suite = "machine"
  let cpu: String
  /// The processor's features that kernels ask for.
  let features: [String]
  let isa: String
  /// Cores that this process may use.
  let cores: Int
  let memoryGiB: Int
  let kernel: String
  /// The value of `QUANTBENCH_COMMIT`, which `make bench` sets, because the program does not know its commit.
  let commit: String
  let toolchain: String
  let version = Version.current
  let date: String

  init() {
    let text = Self.read("/proc/cpuinfo")
    cpu = Self.value("model name", in: text) ?? "unknown"
    let flags = Set((Self.value("flags", in: text) ?? "").split(separator: " ").map(String.init))
    features = ["avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512vbmi"].filter
    {
      flags.contains($0)
    }
    isa = InstructionSet.current.rawValue
    cores = WorkerPool.availableThreads()
    let kilobytes = Self.value("MemTotal", in: Self.read("/proc/meminfo"))?.split(separator: " ").first
    memoryGiB = (kilobytes.flatMap { Int($0) } ?? 0) >> 20
    kernel = Self.read("/proc/sys/kernel/osrelease").trimmingSuffix { $0.isWhitespace }
    commit = Self.environment("QUANTBENCH_COMMIT") ?? "unknown"
    toolchain = Self.environment("QUANTBENCH_TOOLCHAIN") ?? Self.compiler
    date = Date.now.formatted(.iso8601)
  }

  /// One line for people.
  var text: String {
    """
    \(cpu), \(cores) cores, \(memoryGiB) GiB, Linux \(kernel); \(isa) of \(features.joined(separator: " ")); \
    quantbench \(version), commit \(commit), \(toolchain), \(date)
    """
  }

  private static var compiler: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The value of the first line `name : value`.
  private static func value(_ name: String, in text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return String(line[line.index(after: colon)...].drop(while: \.isWhitespace))
    }
    return nil
  }

  /// A text of the kernel's; empty where there is none.
  private static func read(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}

extension String {
  fileprivate func trimmingSuffix(while isSuffix: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, isSuffix(last) { text.removeLast() }
    return String(text)
  }
}
