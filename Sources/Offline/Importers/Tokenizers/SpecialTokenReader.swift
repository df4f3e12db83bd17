import JSON
import Tokenizers
import Vocabulary

/// The tokens of structure of a Hugging Face folder, and what its program puts around a text.
struct SpecialTokenReader {
  private(set) var begin: TokenID?
  private(set) var end: TokenID?
  private(set) var addsBegin = false
  private(set) var prefix: [TokenID]
  private(set) var suffix: [TokenID]
  private(set) var labels: [String: TokenID] = [:]

  /// - Parameter configuration: Wins over `tokenizer.json` in what it says.
  init(
    _ root: JSONValue, _ configuration: TokenizerConfiguration?, _ vocabulary: ImportedPieces
  ) throws(TokenizerImportError) {
    let template = try PostProcessorReader(root["post_processor"])
    (prefix, suffix) = (template.prefix, template.suffix)
    let first = prefix.first.flatMap { id in vocabulary.pieces.indices.contains(id.index) ? id : nil }
    begin =
      try Self.id(configuration?.beginToken, "bos_token", vocabulary) ?? first
      ?? Self.control("<s>", vocabulary)
    end = try Self.id(configuration?.endToken, "eos_token", vocabulary) ?? Self.control("</s>", vocabulary)
    addsBegin = begin != nil && first == begin
    try apply(configuration)
    for (label, literal) in configuration?.otherTokens ?? [:] {
      labels[label] = try Self.id(literal, "\(label)_token", vocabulary)
    }
  }

  /// `add_bos_token` and `add_eos_token`, by which `transformers` writes the template anew.
  private mutating func apply(_ configuration: TokenizerConfiguration?) throws(TokenizerImportError) {
    if let adds = configuration?.addsBeginToken, adds != addsBegin, let begin {
      if adds { prefix.insert(begin, at: 0) } else { prefix.removeFirst() }
      addsBegin = adds
    }
    if let adds = configuration?.addsEndToken, let end, adds != (suffix.last == end) {
      if adds { suffix.append(end) } else { suffix.removeLast() }
    }
  }

  private static func id(
    _ literal: String?, _ field: String, _ vocabulary: ImportedPieces
  ) throws(TokenizerImportError) -> TokenID? {
    guard let literal else { return nil }
    guard let id = vocabulary.pieces.firstIndex(of: Array(literal.utf8)) else {
      throw .unexpected(field: field, found: "\"\(literal)\"", expected: "a piece of the vocabulary")
    }
    return TokenID(exactly: id)
  }

  private static func control(_ literal: String, _ vocabulary: ImportedPieces) -> TokenID? {
    let id = vocabulary.pieces.firstIndex(of: Array(literal.utf8))
    return id.flatMap { vocabulary.types[$0] == .control ? TokenID(exactly: $0) : nil }
  }
}
