import Architectures
import Tokenizers
import Vocabulary

extension ImportedModel {
  /// Opens the model at `path` and the tokenizer beside it, fitted to each other.
  ///
  /// - Returns: No tokenizer where there is none.
  /// - Throws: What ``open(_:)``, ``ImportedTokenizer`` and ``FittedTokenizer`` throw.
  package static func withTokenizer(_ path: String) throws -> (
    model: ImportedModel, tokenizer: TokenizerModel?
  ) {
    let model = try open(path)
    guard let found = try ImportedTokenizer.read(beside: path) else { return (model, nil) }
    let fitted = try FittedTokenizer(found, to: model)
    let settled = model.settlingTokens(with: fitted.model)
    return (settled.model.changed(notes: fitted.notes(of: model.tokenizerFile)), settled.tokenizer)
  }

  /// The model and its tokenizer, which now agree on the tokens that begin and end texts, and notes on contradictions
  /// between the files.
  package func settlingTokens(
    with tokenizer: TokenizerModel
  ) -> (model: ImportedModel, tokenizer: TokenizerModel) {
    guard case .decoder(var decoder) = configuration else { return (self, tokenizer) }
    var claims = tokens
    // Formats without claims of their own say it in their configuration.
    if claims.ends.isEmpty, !decoder.endTokens.isEmpty {
      claims.ends = [.init(file: configurationFile, ids: decoder.endTokens)]
    }
    if claims.begin.isEmpty, let begin = decoder.beginToken {
      claims.begin = [.init(file: configurationFile, ids: [begin])]
    }
    let facts = TokenFacts(claims, tokenizer, template: chatTemplate)
    decoder.beginToken = facts.begin.map(\.index)
    decoder.endTokens = facts.ends.map(\.index)
    var settled = tokenizer
    settled.header.begin = facts.begin
    settled.header.addsBeginToken = tokenizer.header.addsBeginToken && facts.begin != nil
    settled.header.end = tokenizer.header.end ?? facts.ends.first
    return (changed(to: .decoder(decoder), notes: facts.notes), settled)
  }
}

extension FittedTokenizer {
  /// A note on the added tokens for which the model has no embedding.
  fileprivate func notes(of file: String) -> [String] {
    guard !leftOut.isEmpty else { return [] }
    let names = leftOut.prefix(8).map { "'\($0)'" }.joined(separator: ", ") + (leftOut.count > 8 ? ", …" : "")
    return ["\(file): \(leftOut.count) added tokens have no row in the embedding and are left out: \(names)"]
  }
}
