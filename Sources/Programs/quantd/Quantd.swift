import Arguments
import Glibc
import Kernels
import Packs
import Service
import Settings
import Vocabulary
import WireProtocol

/// `quantd`: the daemon's command line.
@main
enum Quantd {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      switch arguments.first {
      case "serve": try serve(Array(arguments.dropFirst()))
      case "recover": try recover(Array(arguments.dropFirst()))
      case "check-config": try checkConfiguration(Array(arguments.dropFirst()))
      case "--version": print(version)
      case "--help", "-h", "help": print(help)
      case let verb?: fail(.usage, "unknown command '\(verb)'. Try: quantd --help")
      case nil: fail(.usage, "no command given. Try: quantd --help")
      }
    } catch let error as ConfigurationError {
      fail(error.exitStatus, "\(error)")
    } catch let error as InstructionSetError {
      fail(.badConfiguration, "\(error)")
    } catch {
      fail(.internal, "\(error)")
    }
  }

  private static func serve(_ arguments: [String]) throws {
    try InstructionSet.checkEnvironment()
    let configuration = try load(arguments)
    let daemon = try Daemon(configuration, reload: { try load(arguments) })
    try daemon.run()
    exit(ExitStatus.success.rawValue)
  }

  /// Rebuilds the registry of a daemon that does not run.
  private static func recover(_ arguments: [String]) throws {
    let directory = try load(arguments).stateDirectory
    try becomeOwner(of: directory)
    try StateRecovery.run(stateDirectory: directory) { print($0) }
  }

  /// Continues as the user who owns a directory, because that user's daemon could not open files that root made
  /// there.
  private static func becomeOwner(of directory: String) throws {
    var status = stat()
    guard geteuid() == 0, stat(directory, &status) == 0, status.st_uid != 0 else { return }
    guard setgroups(0, nil) == 0, setgid(status.st_gid) == 0, setuid(status.st_uid) == 0 else {
      fail(
        .permission,
        "cannot become the owner (uid \(status.st_uid)) of \(directory): \(String(cString: strerror(errno)))")
    }
  }

  private static func checkConfiguration(_ arguments: [String]) throws {
    print(try load(arguments).text, terminator: "")
  }

  private static func load(_ arguments: [String]) throws(ConfigurationError) -> Configuration {
    try Configuration.load(
      arguments: arguments, environment: environmentVariables(), uid: geteuid(),
      workingDirectory: workingDirectory())
  }

  private static func fail(_ status: ExitStatus, _ message: String) -> Never {
    Log(.error).write(.error, message)
    exit(status.rawValue)
  }

  private static var version: String {
    "quantd \(Version.current) (\(InstructionSet.detected.rawValue))"
  }

  private static let help = """
    quantd serves quantized Vision Transformers and language models from a Unix socket.

      quantd serve [--config FILE] [--system|--user] [--KEY VALUE]…
          Runs in the foreground until SIGTERM or SIGINT, which let running requests finish; a second one does not.
          SIGHUP reads the configuration again and logs which keys wait for a restart. Every key of quantd.conf(5) is
          also a flag: --socket PATH, --threads N, --state-directory DIR, …
      quantd recover [same flags]
          Rebuilds a lost or damaged registry from its backup and the installed packs, says what it did, and deletes
          nothing. Stop the daemon first.
      quantd check-config [same flags]
          Says whether the configuration is right, and prints what is in force.
      quantd --version

    QUANTD_SOCKET and QUANTD_CONFIG take the place of the socket and the file; QUANTD_ISA=scalar|avx2|avx512 forces
    an instruction set. Talk to it with qclient(1).
    """
}

private func workingDirectory() -> String? {
  guard let path = getcwd(nil, 0) else { return nil }
  defer { free(path) }
  return String(cString: path)
}

/// The process's variables, by name.
private func environmentVariables() -> [String: String] {
  var result: [String: String] = [:]
  var entry = environ
  while let text = entry.pointee {
    let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
    entry += 1
  }
  return result
}
