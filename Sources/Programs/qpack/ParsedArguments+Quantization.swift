import Architectures
import Arguments
import Quantization

extension ParsedArguments {
  /// The options that say how to quantize.
  func quantization() throws(UsageError) -> QuantizationOptions {
    var options = QuantizationOptions(recipe: try recipe() ?? .w8a8)
    options.attention = try attention()
    if let gate = try number("--gate", in: 0...Double.greatestFiniteMagnitude) {
      options.attentionGate = gate
    }
    if let text = self["--draft-head"] {
      guard let answer = ["yes": true, "no": false][text] else {
        throw UsageError("--draft-head is '\(text)', but must be yes or no")
      }
      options.draftHead = answer
    }
    return options
  }

  /// A scheme such as `q8k4v4t-log64`, if kernels implement it.
  private func attention() throws(UsageError) -> AttentionScheme? {
    guard let text = self["--attention"] else { return nil }
    guard let scheme = AttentionScheme(name: text) else {
      throw UsageError(
        "--attention is '\(text)', but must look like q8k4v4-log2, or q8k4v4t-log64 for values with a scale per token "
          + "(q: 4 or 8; k, v: 2, 3, 4, 5 or 8; log2, sqrt2, log64, u8)")
    }
    do throws(ArchitectureError) {
      try scheme.validate(layer: 0)
    } catch {
      throw UsageError("--attention is '\(text)': \(error.found); \(error.expected)")
    }
    return scheme
  }

  private func recipe() throws(UsageError) -> Recipe? {
    guard let text = self["--recipe"] else { return nil }
    guard let recipe = Recipe(rawValue: text) else {
      let names = Recipe.allCases.map(\.rawValue)
      throw UsageError(
        "--recipe is '\(text)', but must be \(names.joined(separator: " or "))"
          + Suggestion.text(for: text, among: names))
    }
    return recipe
  }
}
