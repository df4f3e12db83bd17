import Kernels

/// A command line that cannot be understood.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What one option takes.
enum OptionKind {
  case flag, value
}

/// A parsed command line: positional arguments and options, each given at most once.
struct Arguments {
  private(set) var positional: [String] = []
  private var values: [String: String] = [:]
  private var flags: Set<String> = []

  /// - Parameter known: Every option of the command, with its leading dashes.
  init(_ arguments: [String], _ known: [String: OptionKind]) throws(UsageError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument != "-" else {
        positional.append(argument)
        continue
      }
      switch known[argument] {
      case .flag?: flags.insert(argument)
      case .value?:
        guard let value = rest.popFirst() else { throw UsageError("\(argument) needs a value") }
        guard values.updateValue(value, forKey: argument) == nil else {
          throw UsageError("\(argument) is given twice")
        }
      case nil: throw UsageError("unknown option '\(argument)'")
      }
    }
  }

  subscript(option: String) -> String? { values[option] }

  func has(_ flag: String) -> Bool { flags.contains(flag) }

  func required(_ option: String) throws(UsageError) -> String {
    guard let value = values[option] else { throw UsageError("\(option) is missing") }
    return value
  }

  /// The one positional argument.
  func single(_ what: String) throws(UsageError) -> String {
    guard positional.count == 1 else {
      throw UsageError("expected one \(what), found \(positional.count) arguments")
    }
    return positional[0]
  }

  func integer(_ option: String) throws(UsageError) -> Int? {
    guard let text = values[option] else { return nil }
    guard let value = Int(text), value > 0 else {
      throw UsageError("\(option) is '\(text)', not a positive number")
    }
    return value
  }

  /// More than any machine has cores; memory is reserved for each.
  private static let maxThreads = 4096

  func makePool() throws(UsageError) -> WorkerPool {
    let threads = try integer("--threads") ?? WorkerPool.availableThreads()
    guard threads <= Self.maxThreads else {
      throw UsageError("--threads is \(threads), but must be at most \(Self.maxThreads)")
    }
    return WorkerPool(threads: threads)
  }
}
