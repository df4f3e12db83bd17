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
    if let text = self["--transforms"] { options.transforms = try ModelTransform.list(text) }
    if let text = self["--rounding"] {
      guard let rounding = QuantizationOptions.Rounding(rawValue: text) else {
        let names = QuantizationOptions.Rounding.allCases.map(\.rawValue)
        throw UsageError(
          "--rounding is '\(text)', but must be \(names.joined(separator: " or "))"
            + Suggestion.text(for: text, among: names))
      }
      options.rounding = rounding
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

extension ModelTransform {
  /// Reads `none`, or names with commas between them.
  static func list(_ text: String) throws(UsageError) -> [ModelTransform] {
    if text == "none" { return [] }
    var chosen: [ModelTransform] = []
    for name in text.split(separator: ",").map(String.init) {
      guard let transform = all.first(where: { $0.name == name }) else {
        throw UsageError(
          "--transforms has '\(name)', but must be none or some of "
            + all.map(\.name).joined(separator: ",") + Suggestion.text(for: name, among: all.map(\.name)))
      }
      if let needed = transform.needs, !chosen.contains(where: { $0.name == needed }) {
        throw UsageError("--transforms has '\(name)', which needs '\(needed)' before it")
      }
      chosen.append(transform)
    }
    return chosen
  }
}
