import Glibc

/// A program that this process started. It is killed at the latest when the last reference to this object goes.
///
/// It begins with the default handling of signals, as from a shell, even where this process ignores or blocks some.
package final class SpawnedProcess {
  /// Where the child's descriptors lead.
  package struct Files {
    /// The file on standard input.
    package var input: String
    /// Where standard output and standard error go; nil for where this process's go.
    package var output: String?
    package var errors: String?
    /// Further open files, by the descriptor's number in the child.
    package var inherited: [CInt: CInt]
    /// A terminal in place of all three. The child gets it as its controlling terminal, so Ctrl-C there interrupts it.
    package var terminal: String?

    package init(
      input: String = "/dev/null", output: String? = nil, errors: String? = nil, inherited: [CInt: CInt] = [:]
    ) {
      (self.input, self.output, self.errors, self.inherited) = (input, output, errors, inherited)
    }

    package init(terminal: String) {
      self.init()
      self.terminal = terminal
    }
  }

  package let program: String
  package let pid: pid_t
  private var end: ProcessEnd?

  /// - Parameters:
  ///   - program: A path, or a name to look for in `PATH`.
  ///   - environment: All variables that the child has.
  /// - Throws: ``SpawnError``
  package init(
    _ program: String, _ arguments: [String], environment: [String: String], files: Files = Files()
  ) throws(SpawnError) {
    self.program = program
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    Self.connect(&actions, files)
    var attributes = posix_spawnattr_t()
    Self.prepare(&attributes, ownSession: files.terminal != nil)
    defer { posix_spawnattr_destroy(&attributes) }
    let variables = environment.map { "\($0.key)=\($0.value)" }
    var child = pid_t()
    let code = withCStrings([program] + arguments) { words in
      withCStrings(variables) { posix_spawnp(&child, program, &actions, &attributes, words, $0) }
    }
    guard code == 0 else { throw SpawnError(program: program, code: code) }
    pid = child
  }

  deinit {
    guard end == nil else { return }
    kill(pid, SIGKILL)
    wait()
  }

  /// How it ended; nil while it runs.
  package func poll() -> ProcessEnd? { collect(WNOHANG) }

  package func send(_ signal: Int32) { if poll() == nil { kill(pid, signal) } }

  /// Waits for its end, however long that takes.
  @discardableResult
  package func wait() -> ProcessEnd {
    while true { if let end = collect(0) { return end } }
  }

  private func collect(_ options: Int32) -> ProcessEnd? {
    var code = Int32(0)
    if end == nil, waitpid(pid, &code, options) == pid { end = ProcessEnd(code) }
    return end
  }

  private static func connect(_ actions: inout posix_spawn_file_actions_t, _ files: Files) {
    if let terminal = files.terminal {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal, O_RDWR, 0)
      for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, descriptor)
      }
      return
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, files.input, O_RDONLY, 0)
    for (descriptor, path) in [(STDOUT_FILENO, files.output), (STDERR_FILENO, files.errors)] {
      guard let path else { continue }
      posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    }
    for (child, own) in files.inherited { posix_spawn_file_actions_adddup2(&actions, own, child) }
  }

  /// - Parameter ownSession: A session without a terminal takes the first that it opens.
  private static func prepare(_ attributes: inout posix_spawnattr_t, ownSession: Bool) {
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_init(&attributes)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // POSIX_SPAWN_SETSID of <spawn.h>, which is not imported, because it is no part of POSIX yet.
    let session: CInt = ownSession ? 0x80 : 0
    posix_spawnattr_setflags(
      &attributes, Int16(CInt(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | session))
  }
}

/// How a process ended.
package enum ProcessEnd: Sendable, Equatable {
  case exited(Int32)
  case signalled(Int32)

  /// - Parameter code: What `waitpid` gave.
  init(_ code: Int32) {
    let signal = code & 0x7F
    self = signal == 0 ? .exited((code >> 8) & 0xFF) : .signalled(signal)
  }
}

/// A program that could not be started.
package struct SpawnError: Error, Equatable, Sendable, CustomStringConvertible {
  package let program: String
  /// What `posix_spawnp` gave: a value of `errno`.
  package let code: Int32

  package var description: String { "cannot start \(program): \(String(cString: strerror(code)))" }
}

/// Null-terminated C strings, for as long as `body` runs.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = strings.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers + [nil])
}
