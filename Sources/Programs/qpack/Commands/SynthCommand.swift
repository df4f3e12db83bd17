import Packs
import Quantization

/// `qpack synth`: writes a pack of random weights in the shape of a real model, to measure with.
struct SynthCommand {
  static let options: [String: OptionKind] = [
    "--arch": .value, "--shape": .value, "--recipe": .value, "-o": .value, "--seed": .value,
  ]

  private let pack: SyntheticPack
  private let output: String

  init(_ arguments: Arguments) throws {
    let shape = try Self.choice("--shape", arguments, among: SyntheticShape.allCases)
    let recipe = try Self.choice("--recipe", arguments, among: Recipe.allCases)
    if let architecture = arguments["--arch"], architecture != shape.configuration.architecture {
      throw UsageError(
        "--arch is '\(architecture)', but \(shape.rawValue) is a \(shape.configuration.architecture)")
    }
    pack = SyntheticPack(shape: shape, recipe: recipe, seed: UInt64(try arguments.integer("--seed") ?? 1))
    output = try arguments.required("-o")
  }

  func run() throws {
    try pack.write(to: output)
    print(try PackReport(ModelPack(path: output)).text)
  }

  private static func choice<Choice: RawRepresentable<String>>(
    _ option: String, _ arguments: Arguments, among all: [Choice]
  ) throws(UsageError) -> Choice {
    let text = try arguments.required(option)
    guard let choice = Choice(rawValue: text) else {
      throw UsageError(
        "\(option) is '\(text)', but must be one of \(all.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }
}
