import Glibc
import Processes
import Synchronization

/// A program that was started; killed when its owner goes away, whatever happened.
final class ChildProcess {
  private let process: SpawnedProcess
  let outputPath: String
  let errorPath: String
  /// Holds the files of the output.
  private let scratch: Scratch

  private static let alive = Mutex<Set<pid_t>>([])
  /// Kills what is left where the test run ends early.
  private static let killAtExit: Void = {
    atexit { ChildProcess.alive.withLock { for pid in $0 { kill(pid, SIGKILL) } } }
  }()

  /// - Parameters:
  ///   - environment: Added to a small fixed environment; the tests' own is not passed on.
  ///   - input: The file on standard input.
  ///   - inherited: Descriptors of the tests by the number that the child sees.
  init(
    _ program: String, _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:],
    input: String = "/dev/null", inherited: [CInt: CInt] = [:]
  ) throws {
    _ = Self.killAtExit
    self.scratch = scratch
    let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    outputPath = scratch.file("out.\(number)")
    errorPath = scratch.file("err.\(number)")
    process = try SpawnedProcess(
      program, arguments, environment: Self.fixedEnvironment.merging(environment) { $1 },
      files: .init(input: input, output: outputPath, errors: errorPath, inherited: inherited))
    _ = Self.alive.withLock { [pid = process.pid] in $0.insert(pid) }
  }

  deinit { _ = Self.alive.withLock { [pid = process.pid] in $0.remove(pid) } }

  var pid: pid_t { process.pid }

  var output: String { text(outputPath) }
  var errors: String { text(errorPath) }

  var isRunning: Bool { process.poll() == nil }

  func send(_ signal: Int32) { process.send(signal) }

  /// How the process ended.
  /// - Throws: ``HarnessError`` after `seconds`; the process is killed then.
  @discardableResult
  func wait(seconds: Double = 30) throws -> ProcessEnd {
    if try eventually(seconds: seconds, { process.poll() != nil }) { return process.wait() }
    process.send(SIGKILL)
    process.wait()
    throw HarnessError("process \(pid) did not end within \(seconds) s: \(errors.suffix(400))")
  }

  /// Seconds of CPU time, user and system, of all the process's threads so far.
  var processorSeconds: Double {
    let fields = text("/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return .nan
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static let counter = Atomic<Int>(0)

  private static let fixedEnvironment: [String: String] = {
    var variables = ["HOME": "/nonexistent", "LANG": "C.UTF-8"]
    for name in ["PATH", "LD_LIBRARY_PATH"] { variables[name] = getenv(name).map { String(cString: $0) } }
    return variables
  }()
}
