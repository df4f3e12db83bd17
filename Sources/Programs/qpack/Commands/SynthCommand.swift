import Arguments
import Packs
import Quantization

/// `qpack synth`: writes a pack of random weights in the shape of a real model, to measure with.
struct SynthCommand {
  static let options =
    [
      ("--arch", "ARCHITECTURE"), ("--shape", "SHAPE"), ("--recipe", "RECIPE"), ("-o", "FILE"),
      ("--seed", "N"),
    ]
    .map { ArgumentOption($0.0, value: $0.1, repetition: .refused) }

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
    output = try arguments.required("-o")
  }

  func run() throws {
    try pack.write(to: output)
    print(try PackReport(ModelPack(path: output)).text)
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
