import Architectures
import Arguments
import Quantization

extension ParsedArguments {
  /// The options that say how to quantize.
  func quantization() throws(UsageError) -> QuantizationOptions {
    var options = QuantizationOptions(recipe: try recipe() ?? .w8a8)
    if let text = self["--attention"] { options.attention = try AttentionScheme(name: text) }
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

extension AttentionScheme {
  /// Reads a name such as `q8k4v4-log2`.
  init(name: String) throws(UsageError) {
    let parts = name.split(separator: "-")
    guard parts.count == 2, let code = ProbabilityCode(rawValue: String(parts[1])),
      let bits = Self.bits(parts[0])
    else {
      throw UsageError(
        "--attention is '\(name)', but must look like q8k4v4-log2 (q, k, v: 4 or 8; log2, sqrt2, log64, u8)")
    }
    self.init(queryBits: bits[0], keyBits: bits[1], valueBits: bits[2], probabilities: code)
  }

  private static func bits(_ text: Substring) -> [Int]? {
    let letters = Array(text)
    guard letters.count == 6, letters[0] == "q", letters[2] == "k", letters[4] == "v" else { return nil }
    let bits = [letters[1], letters[3], letters[5]].compactMap { $0 == "4" ? 4 : $0 == "8" ? 8 : nil }
    return bits.count == 3 ? bits : nil
  }

  /// The name that ``init(name:)`` reads.
  var name: String { "q\(queryBits)k\(keyBits)v\(valueBits)-\(probabilities.rawValue)" }
}
