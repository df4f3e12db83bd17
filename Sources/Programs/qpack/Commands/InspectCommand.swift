import Arguments
import Packs

/// `qpack inspect`: shows everything in a pack.
struct InspectCommand {
  static let help = CommandHelp(
    verb: "inspect", operands: "X.qpack [OPTIONS]",
    summary: "show everything in a pack: configuration, scheme, sizes, provenance, quality record",
    options: [.init("--json", nil, "one JSON object, every tensor included")],
    details: "  Reads the header and the tokenizer; no weights.")

  private let input: InputPath
  private let json: Bool

  init(_ arguments: ParsedArguments) throws {
    input = try InputPath(arguments.single("pack"))
    json = arguments.has("--json")
  }

  func run() throws {
    let report = PackReport(try input.locating { try ModelPack(path: input.path) })
    print(json ? try report.json() : report.text)
  }
}
