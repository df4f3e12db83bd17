import Glibc
import JSON
import Processes
import WireProtocol

/// A running daemon on a temporary state folder.
final class TestDaemon {
  let scratch: Scratch
  let socket: String
  private(set) var process: ChildProcess
  private let flags: [String]
  private let environment: [String: String]

  /// Starts a daemon and waits until it serves.
  ///
  /// - Parameter packs: The packs that it finds in its models folder.
  init(
    _ flags: [String] = [], environment: [String: String] = [:],
    packs: [String] = [], scratch: Scratch? = nil
  ) throws {
    self.scratch = try scratch ?? Scratch()
    let scratch = self.scratch
    socket = scratch.file("s")
    let models = try scratch.folder("models")
    for pack in packs { link(pack, "\(models)/\(pack.split(separator: "/").last ?? "")") }
    try scratch.write("", to: "quantd.conf")
    self.flags = Self.flags(scratch) + flags
    self.environment = environment
    process = try ChildProcess(
      Programs.path("quantd"), ["serve"] + self.flags, in: scratch, environment: environment)
    try waitUntilReady()
  }

  /// One with both tiny models.
  static func withModels(_ flags: [String] = [], environment: [String: String] = [:]) throws -> TestDaemon {
    try TestDaemon(flags, environment: environment, packs: [TinyPacks.language(), TinyPacks.classifier()])
  }

  /// The flags that keep a daemon inside `scratch`.
  static func flags(_ scratch: Scratch) -> [String] {
    [
      "--user", "--config", scratch.file("quantd.conf"), "--socket", scratch.file("s"), "--state-directory",
      scratch.file("state"), "--models-directory", scratch.file("models"), "--threads", "2",
    ]
  }

  func waitUntilReady() throws {
    let isReady = try eventually(seconds: 60) { process.errors.contains(" ready at ") || !process.isRunning }
    guard isReady, process.isRunning else {
      throw HarnessError("the daemon did not start: \(process.errors)")
    }
  }

  /// Kills the daemon and starts it again on the same state.
  func restart() throws {
    process.send(SIGKILL)
    try process.wait()
    process = try ChildProcess(
      Programs.path("quantd"), ["serve"] + flags, in: scratch, environment: environment)
    try waitUntilReady()
  }

  /// Ends the daemon as a service manager does.
  @discardableResult
  func stop() throws -> ProcessEnd {
    process.send(SIGTERM)
    return try process.wait()
  }

  func connect() throws -> WireConnection { try WireConnection(socket) }

  /// Requests running and waiting.
  func underWay(_ wire: WireConnection) throws -> Int {
    let status = try wire.ask("under-way", "status")["result"]
    return (status?["active"]?.integerValue ?? -1) + (status?["queued"]?.integerValue ?? -1)
  }

  /// Runs the client to its end.
  func client(
    _ words: [String], input: String = "/dev/null", environment: [String: String] = [:]
  ) throws -> ClientRun {
    try ClientRun(words, in: scratch, socket: socket, input: input, environment: environment)
  }
}

/// What one run of `qclient` printed and returned.
struct ClientRun {
  let status: ProcessEnd
  let output: String
  let errors: String

  init(
    _ words: [String], in scratch: Scratch, socket: String, input: String = "/dev/null",
    environment: [String: String] = [:]
  ) throws {
    let variables = ["QUANTD_SOCKET": socket].merging(environment) { $1 }
    let process = try ChildProcess(
      Programs.path("qclient"), words, in: scratch, environment: variables, input: input)
    status = try process.wait(seconds: 60)
    (output, errors) = (process.output, process.errors)
  }

  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// The lines of a `--json` run.
  func json() throws -> [JSONValue] { try lines.map { try JSONValue(parsing: Array($0.utf8)) } }
}
