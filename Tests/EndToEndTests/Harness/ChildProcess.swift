import Glibc
import Synchronization

/// How a process ended.
enum ExitStatus: Equatable {
  case exited(Int32)
  case signalled(Int32)
}

/// A program that was started; killed when its owner goes away, whatever happened.
final class ChildProcess {
  let pid: pid_t
  let outputPath: String
  let errorPath: String
  /// Holds the files of the output.
  private let scratch: Scratch
  private var status: ExitStatus?

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
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    for (child, own) in inherited { posix_spawn_file_actions_adddup2(&actions, own, child) }
    var attributes = posix_spawnattr_t()
    Self.clearSignals(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    let variables = Self.fixedEnvironment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    pid = try Self.withCStrings([program] + arguments) { words in
      try Self.withCStrings(variables) { variables in
        var pid = pid_t()
        let code = posix_spawnp(&pid, program, &actions, &attributes, words, variables)
        guard code == 0 else { throw HarnessError("start \(program): \(String(cString: strerror(code)))") }
        return pid
      }
    }
    _ = Self.alive.withLock { [pid] in $0.insert(pid) }
  }

  deinit {
    if status == nil {
      kill(pid, SIGKILL)
      _ = try? wait()
    }
  }

  var output: String { text(outputPath) }
  var errors: String { text(errorPath) }

  var isRunning: Bool { poll() == nil }

  func send(_ signal: Int32) { if status == nil { kill(pid, signal) } }

  /// How the process ended.
  /// - Throws: ``HarnessError`` after `seconds`; the process is killed then.
  @discardableResult
  func wait(seconds: Double = 30) throws -> ExitStatus {
    if try eventually(seconds: seconds, { poll() != nil }), let status { return status }
    kill(pid, SIGKILL)
    _ = try eventually(seconds: 5) { poll() != nil }
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

  private func poll() -> ExitStatus? {
    if let status { return status }
    var code = Int32(0)
    guard waitpid(pid, &code, WNOHANG) == pid else { return nil }
    let signal = code & 0x7F
    status = signal == 0 ? .exited((code >> 8) & 0xFF) : .signalled(signal)
    _ = Self.alive.withLock { [pid] in $0.remove(pid) }
    return status
  }

  private static let counter = Atomic<Int>(0)

  private static let fixedEnvironment: [String: String] = {
    var variables = ["HOME": "/nonexistent", "LANG": "C.UTF-8"]
    for name in ["PATH", "LD_LIBRARY_PATH"] { variables[name] = getenv(name).map { String(cString: $0) } }
    return variables
  }()

  /// Signals start as a shell would start them, whatever the test runner does with its own.
  private static func clearSignals(_ attributes: inout posix_spawnattr_t) {
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_init(&attributes)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> Result
  ) rethrows -> Result {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return try body(pointers + [nil])
  }
}
