import Arguments
import Kernels

extension ParsedArguments {
  /// The value of an option that must be given.
  func required(_ option: String) throws(UsageError) -> String {
    guard let value = self[option] else { throw UsageError("\(option) is missing") }
    return value
  }

  /// The one operand.
  func single(_ what: String) throws(UsageError) -> String {
    guard operands.count == 1 else {
      throw UsageError("expected one \(what), found \(operands.count) arguments")
    }
    return operands[0]
  }

  /// A positive number; nil where the option was not given.
  func count(_ option: String, atMost limit: Int = .max) throws(UsageError) -> Int? {
    try integer(option, in: 1...limit)
  }

  /// The threads of `--threads`, or all that this process may use.
  func makePool() throws(UsageError) -> WorkerPool {
    // More than any machine has cores; memory is reserved for each.
    WorkerPool(threads: try count("--threads", atMost: 4096) ?? WorkerPool.availableThreads())
  }
}
