import Arguments
import JSON
import Transport
import Vocabulary
import WireProtocol

/// One run of the client: a command line, the streams, and a session once one is needed.
struct Command {
  let invocation: Invocation
  let console: Console
  let interrupt: Interrupt?
  let timeout: Int?

  /// Runs the words after the program's name and returns the exit status. Failures are printed on stderr.
  static func main(_ words: [String], console: Console, interrupt: Interrupt? = nil) -> ExitStatus {
    do throws(ClientFailure) {
      let invocation = try Invocation(words)
      console.isQuiet = invocation.has(.quiet)
      if invocation.has(.noColor) { console.allowsColor = false }
      let timeout = try invocation.timeout()
      try Command(invocation: invocation, console: console, interrupt: interrupt, timeout: timeout).run()
      return .success
    } catch {
      report(error, console)
      return error.exitStatus
    }
  }

  static func report(_ failure: ClientFailure, _ console: Console) {
    if let message = failure.message { console.note("qclient: \(message)") }
  }

  var wantsJSON: Bool { invocation.has(.json) }

  var lookup: SocketLookup { SocketLookup(flag: invocation.text(.socket), variable: console.variable) }

  func connect() throws(ClientFailure) -> Session {
    try Session(lookup, interrupt: interrupt, timeout: timeout)
  }

  private func run() throws(ClientFailure) {
    switch invocation.verb {
    case .classify: try classify()
    case .generate: try generate()
    case .chat: try chat()
    case .embed: try embed()
    case .tokenize: try tokenize()
    case .detokenize: try detokenize()
    case .list: try list()
    case .show: try show()
    case .ps: try ps()
    case .install: try install()
    case .promote: try promote()
    case .rollback: try rollback()
    case .load: try change(.load, past: "loaded")
    case .unload: try change(.unload, past: "unloaded")
    case .unlabel: try unlabel()
    case .remove: try remove()
    case .status: try status()
    case .stats: try stats()
    case .metrics: try metrics()
    case .watch: try watch()
    case .doctor: try doctor()
    case .completion: try completion()
    case .help: try help()
    case .version: try console.line("qclient \(Version.current)")
    }
  }

  /// Reads `json` as the result that was asked for.
  func decode<Result: JSONRepresentable>(_ type: Result.Type, _ json: JSONValue) throws(ClientFailure)
    -> Result
  {
    do {
      return try Result(json: json)
    } catch {
      throw .badAnswer(error.message)
    }
  }

  /// Sends a request and prints its result: as JSON if that is wanted, otherwise as the lines that `lines`
  /// makes.
  func printResult<Result: JSONRepresentable>(
    of operation: Operation, model: ModelReference? = nil, as type: Result.Type,
    lines: (Result) -> [String]
  ) throws(ClientFailure) {
    let json = try connect().result(operation, model: model)
    if wantsJSON { return try console.line(json.encoded()) }
    for line in lines(try decode(type, json)) {
      try console.line(line)
    }
  }
}
