import Arguments
import Packs

/// `qpack inspect`: shows everything in a pack.
struct InspectCommand {
  static let options = [ArgumentOption("--json")]

  private let path: String
  private let json: Bool

  init(_ arguments: ParsedArguments) throws {
    path = try arguments.single("pack")
    json = arguments.has("--json")
  }

  func run() throws {
    let report = PackReport(try ModelPack(path: path))
    print(json ? try report.json() : report.text)
  }
}
