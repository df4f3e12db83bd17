import Arguments
import Glibc
import Kernels
import Packs
import Vocabulary

/// Writes `text` to standard error, so that it does not mix with results.
func standardError(_ text: String) {
  var text = text
  _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// `qpack`: makes packs. It imports, inspects and evaluates models, offline and as the user who runs it.
@main
enum Qpack {
  static func main() {
    do {
      try InstructionSet.checkEnvironment()
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch let error as UsageError {
      fail(.usage, error.text(trying: "qpack --help"))
    } catch let error as CommandFailure {
      fail(error.status, error.description)
    } catch {
      fail(.badData, "\(error)")
    }
  }

  static let commands = [ImportCommand.help, InspectCommand.help, EvalCommand.help, SynthCommand.help]

  private static func run(_ arguments: [String]) throws {
    guard let verb = arguments.first else { throw UsageError("no command given") }
    let rest = Array(arguments.dropFirst())
    switch verb {
    case "--help", "-h", "help": print(try help(rest))
    case "--version", "-V", "version": print("qpack \(Version.current)")
    default:
      guard let command = commands.first(where: { $0.verb == verb }) else { throw unknown(verb) }
      let parsed = try ParsedArguments(rest, options: command.accepted)
      guard !parsed.has("--help") else { return print(command.text) }
      try run(verb, parsed)
    }
  }

  private static func run(_ verb: String, _ arguments: ParsedArguments) throws {
    // Before any thread starts: each inherits the signals that its maker has blocked.
    if verb == "import" || verb == "synth" { Interruption.watch() }
    switch verb {
    case "import": try ImportCommand(arguments).run()
    case "inspect": try InspectCommand(arguments).run()
    case "eval": try EvalCommand(arguments).run()
    default: try SynthCommand(arguments).run()
    }
  }

  private static func unknown(_ verb: String) -> UsageError {
    UsageError(
      "unknown command '\(verb)'" + Suggestion.text(for: verb, among: commands.map(\.verb) + ["help"]))
  }

  private static func help(_ verbs: [String]) throws(UsageError) -> String {
    guard let verb = verbs.first else { return overview }
    guard let command = commands.first(where: { $0.verb == verb }) else { throw unknown(verb) }
    return command.text
  }

  private static func fail(_ status: ExitStatus, _ message: String) -> Never {
    standardError("qpack: \(message.oneLine)\n")
    exit(status.rawValue)
  }

  private static var overview: String {
    """
    qpack brings a model to quantd: import → calibrate → quantize → measure → one .qpack file.

      qpack import DIR            makes NAME.qpack of a model's folder, with everything by default
      qclient install NAME.qpack  gives it to the daemon

    Commands:
    \(commands.map { "  \("\($0.verb) X".padded(to: 12)) \($0.summary)" }.joined(separator: "\n"))

    qpack COMMAND --help tells a command's options; qpack(1) tells everything.
    """
  }
}
