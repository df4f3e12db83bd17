import Tokenizers

/// How the name in `tokenizer.ggml.pre` cuts words, as llama.cpp knows it.
struct GGUFPattern {
  private(set) var steps: [SplitStep] = []
  /// Whether a word that is a piece stays whole.
  private(set) var prefersWholeWords = false
  /// Whether the begin token goes in front where the file does not say.
  private(set) var addsBeginToken = false

  /// - Throws: Where the name is unknown.
  init(_ name: String) throws(TokenizerImportError) {
    switch name {
    case "llama-bpe", "llama3", "llama-v3":
      (prefersWholeWords, addsBeginToken) = (true, true)
      cut(by: .llama3)
    case "gpt-2": cut(by: .gpt2)
    case "smollm":
      steps = [.digits(individually: true)]
      cut(by: .gpt2)
    case "qwen2": cut(by: .singleDigits)
    default:
      throw .unsupported(
        field: "tokenizer.ggml.pre", found: "\"\(name)\"",
        supported: "gpt-2, llama-bpe, llama3, llama-v3, qwen2")
    }
  }

  private mutating func cut(by rule: TokenizerModel.WordSplit) {
    guard let pattern = rule.pattern else { return }
    steps.append(.split(pattern: .expression(text: pattern), behavior: .isolated, inverted: false))
  }
}
