import FoundationEssentials
import Glibc

/// A program that this one starts, and ends at the latest when it forgets about it.
final class ChildProcess {
  let program: String
  let id: pid_t
  private var isRunning = true

  /// The program `name` in the folder of this one.
  ///
  /// - Throws: ``ProcessError/missing(program:folder:)``.
  static func neighbour(_ name: String) throws(ProcessError) -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let folder = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
    let path = "\(folder)/\(name)"
    guard access(path, X_OK) == 0 else { throw .missing(program: name, folder: folder) }
    return path
  }

  /// - Parameters:
  ///   - environment: Variables `NAME=value` beside those of this process.
  ///   - silent: Whether standard output and standard error go nowhere.
  init(_ program: String, _ arguments: [String], environment: [String], silent: Bool) throws(ProcessError) {
    self.program = program
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if silent {
      for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
      }
    }
    let inherited = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    var child = pid_t()
    let status = CStrings.with([program] + arguments) { argv in
      CStrings.with(inherited + environment) { envp in posix_spawn(&child, program, &actions, nil, argv, envp)
      }
    }
    guard status == 0 else { throw .cannotStart(program: program, code: status) }
    id = child
  }

  deinit {
    guard isRunning else { return }
    kill(id, SIGKILL)
    wait()
  }

  /// Waits for the end, which must be a success.
  func waitForSuccess() throws(ProcessError) {
    let status = wait()
    guard status == 0 else { throw .failed(program: program, status: status) }
  }

  /// Asks the program to end, and waits until it has.
  func terminate() {
    guard isRunning else { return }
    kill(id, SIGTERM)
    wait()
  }

  /// Whether it has ended by itself.
  func hasEnded() -> Bool {
    guard isRunning else { return true }
    var status: Int32 = 0
    if waitpid(id, &status, WNOHANG) == id { isRunning = false }
    return !isRunning
  }

  @discardableResult
  private func wait() -> Int32 {
    guard isRunning else { return 0 }
    isRunning = false
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    return status
  }
}

/// Why a program that a suite needs does not help.
enum ProcessError: Error, CustomStringConvertible {
  case missing(program: String, folder: String)
  case cannotStart(program: String, code: Int32)
  case failed(program: String, status: Int32)
  case notReady(program: String, seconds: Int)
  case badAnswer(String)
  case badFile(String, code: Int32)

  var description: String {
    switch self {
    case .missing(let program, let folder):
      "there is no \(program) in \(folder), where this program is; build it with: swift build -c release"
    case .cannotStart(let program, let code): "cannot start \(program): \(String(cString: strerror(code)))"
    case .failed(let program, let status):
      "\(program) ended with wait status \(status); run it by hand to see why"
    case .notReady(let program, let seconds):
      "\(program) was not ready after \(seconds) s; run it by hand to see why"
    case .badAnswer(let text): "the daemon answered: \(text)"
    case .badFile(let path, let code): "cannot use \(path): \(String(cString: strerror(code)))"
    }
  }
}

/// Null-terminated arrays of C strings.
private enum CStrings {
  static func with<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }
}
