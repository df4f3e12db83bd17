import Kernels

/// A command line that cannot be understood.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What to measure, and how.
struct Options {
  var suites: [Suite] = []
  /// Only cases whose name contains this.
  var filter: String?
  /// Tokens in the cache before a decode step; nil takes each suite's own.
  var context: Int?
  /// Nil means one, and as many as there are cores.
  var threads: Int?
  /// A pack to measure instead of synthetic ones.
  var pack: String?
  /// Where synthetic packs are kept for the next run; nil makes and removes a temporary folder.
  var packFolder: String?
  var repetitions = 9
  /// The instruction sets of the kernel suites, fastest first.
  var sets = [InstructionSet.current]
  var json = false

  init(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--json": json = true
      case "--case": filter = try Self.value(argument, &rest)
      case "--context": context = try Self.integer(argument, &rest)
      case "--threads": threads = try Self.integer(argument, &rest)
      case "--pack": pack = try Self.value(argument, &rest)
      case "--packs": packFolder = try Self.value(argument, &rest)
      case "--repetitions": repetitions = try Self.integer(argument, &rest)
      case "--isa": sets = try Self.sets(try Self.value(argument, &rest))
      case "all": suites = Suite.all
      default:
        guard let suite = Suite.all.first(where: { $0.name == argument }) else {
          throw UsageError("'\(argument)' is neither an option nor a suite")
        }
        suites.append(suite)
      }
    }
    guard !suites.isEmpty else { throw UsageError("no suite given") }
  }

  /// The numbers of threads to measure with.
  var threadCounts: [Int] {
    if let threads { return [threads] }
    let cores = WorkerPool.availableThreads()
    return cores == 1 ? [1] : [1, cores]
  }

  /// The greatest of ``threadCounts``.
  var mostThreads: Int { threads ?? WorkerPool.availableThreads() }

  private static func value(_ option: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> String {
    guard let value = rest.popFirst() else { throw UsageError("\(option) needs a value") }
    return value
  }

  private static func integer(_ option: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> Int {
    let text = try value(option, &rest)
    guard let value = Int(text), (1...1_000_000).contains(value) else {
      throw UsageError("\(option) is '\(text)', not a positive number")
    }
    return value
  }

  private static func sets(_ text: String) throws(UsageError) -> [InstructionSet] {
    if text == "all" { return InstructionSet.runnable }
    guard let set = InstructionSet.runnable.first(where: { $0.rawValue == text }) else {
      let names = InstructionSet.runnable.map(\.rawValue).joined(separator: ", ")
      throw UsageError("--isa is '\(text)', but this machine runs \(names) (or: all)")
    }
    return [set]
  }
}
