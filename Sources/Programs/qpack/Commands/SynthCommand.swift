import Arguments
import Packs
import Quantization

/// `qpack synth`: writes a pack of random weights in the shape of a real model, to measure with.
struct SynthCommand {
  static let help = CommandHelp(
    verb: "synth", operands: "--shape SHAPE --recipe RECIPE -o FILE",
    summary: "write a pack of random weights in the shape of a real model, to measure speed with",
    options: [
      .init("--shape", "SHAPE", SyntheticShape.allCases.map(\.rawValue).joined(separator: ", ")),
      .init("--arch", "ARCH", "vit or llama; checked against the shape"),
      .init("--recipe", "RECIPE", "w8a8 or w4a8"),
      .init("--output", short: "-o", "FILE", "the pack to write"),
      .init("--seed", "N", "another seed of the weights (1)"),
    ],
    details: "  The same seed gives the same file. Its answers mean nothing.")

  private let pack: SyntheticPack
  private let output: String

  init(_ arguments: ParsedArguments) throws {
    let shape = try Self.choice("--shape", arguments, among: SyntheticShape.allCases)
    let recipe = try Self.choice("--recipe", arguments, among: Recipe.allCases)
    if let architecture = arguments["--arch"], architecture != shape.configuration.architecture {
      throw UsageError(
        "--arch is '\(architecture)', but \(shape.rawValue) is a \(shape.configuration.architecture)")
    }
    pack = SyntheticPack(shape: shape, recipe: recipe, seed: UInt64(try arguments.count("--seed") ?? 1))
    output = try arguments.required("--output")
  }

  func run() throws {
    let unfinished = try UnfinishedPack(for: output)
    try pack.write(to: unfinished.path)
    let report = try PackReport(ModelPack(path: unfinished.path)).text
    try unfinished.finish()
    print(report)
  }

  private static func choice<Choice: RawRepresentable<String>>(
    _ option: String, _ arguments: ParsedArguments, among all: [Choice]
  ) throws(UsageError) -> Choice {
    let text = try arguments.required(option)
    guard let choice = Choice(rawValue: text) else {
      throw UsageError(
        "\(option) is '\(text)', but must be one of \(all.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }
}
