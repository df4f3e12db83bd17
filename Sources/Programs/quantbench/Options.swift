import Arguments
import Kernels

/// What to measure, and how.
struct Options {
  private(set) var suites: [Suite] = []
  /// Only cases whose name contains this.
  let filter: String?
  /// Tokens in the cache before a decode step; nil leaves them to each suite.
  let context: Int?
  /// The number of threads. Nil measures with one, and with as many as there are cores.
  let threads: Int?
  /// A pack to measure instead of synthetic ones.
  let pack: String?
  /// Where synthetic packs are kept for the next run; nil makes and removes a temporary folder.
  let packFolder: String?
  let repetitions: Int
  /// The instruction sets of the kernel suites, fastest first.
  let sets: [InstructionSet]
  let json: Bool

  private static let all = [
    ArgumentOption("--json"), ArgumentOption("--case", value: "TEXT"),
    ArgumentOption("--context", value: "N"),
    ArgumentOption("--threads", value: "N"), ArgumentOption("--pack", value: "X.qpack"),
    ArgumentOption("--packs", value: "FOLDER"), ArgumentOption("--repetitions", value: "N"),
    ArgumentOption("--isa", value: "NAME"),
  ]

  init(_ words: [String]) throws(UsageError) {
    let arguments = try ParsedArguments(words, options: Self.all)
    json = arguments.has("--json")
    filter = arguments["--case"]
    (pack, packFolder) = (arguments["--pack"], arguments["--packs"])
    context = try arguments.integer("--context", in: Self.counts)
    threads = try arguments.integer("--threads", in: Self.counts)
    repetitions = try arguments.integer("--repetitions", in: Self.counts) ?? 9
    sets = try arguments["--isa"].map(Self.sets) ?? [InstructionSet.current]
    for name in arguments.operands { suites += try Self.suites(name) }
    guard !suites.isEmpty else { throw UsageError("no suite given") }
  }

  private static let counts = 1...1_000_000

  private static func suites(_ name: String) throws(UsageError) -> [Suite] {
    if name == "all" { return Suite.all }
    guard let suite = Suite.all.first(where: { $0.name == name }) else {
      let names = Suite.all.map(\.name) + ["all"]
      throw UsageError("'\(name)' is no suite" + Suggestion.text(for: name, among: names))
    }
    return [suite]
  }

  /// The numbers of threads to measure with.
  var threadCounts: [Int] {
    if let threads { return [threads] }
    let cores = WorkerPool.availableThreads()
    return cores == 1 ? [1] : [1, cores]
  }

  /// The greatest of ``threadCounts``.
  var mostThreads: Int { threads ?? WorkerPool.availableThreads() }

  private static func sets(_ text: String) throws(UsageError) -> [InstructionSet] {
    if text == "all" { return InstructionSet.runnable }
    guard let set = InstructionSet.runnable.first(where: { $0.rawValue == text }) else {
      let names = InstructionSet.runnable.map(\.rawValue).joined(separator: ", ")
      throw UsageError("--isa is '\(text)', but this machine runs \(names) (or: all)")
    }
    return [set]
  }
}
