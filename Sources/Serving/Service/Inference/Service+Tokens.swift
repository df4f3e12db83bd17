import Tokenizers
import Vocabulary
import WireProtocol

extension Service {
  /// The token ids of a text.
  func tokens(of request: TokenizeRequest, _ model: ModelReference?) throws(WireError) -> TokenizeResult {
    let (model, tokenizer) = try tokenizer(model)
    let begin = request.addsSpecial ? model.pack.beginToken : nil
    let ids = (begin.map { [$0] } ?? []) + tokenizer.encode(request.text)
    let pieces = ids.map { id in
      TokenizedPiece(id: id, text: String(decoding: tokenizer.bytes(of: id), as: UTF8.self))
    }
    return TokenizeResult(model: model.id.description, tokens: pieces)
  }

  /// The text of token ids.
  func text(of request: DetokenizeRequest, _ model: ModelReference?) throws(WireError) -> DetokenizeResult {
    let (model, tokenizer) = try tokenizer(model)
    if let wrong = request.tokens.first(where: { $0.index >= tokenizer.vocabularySize }) {
      throw WireError(
        .badRequest, "token \(wrong) is not below the vocabulary size \(tokenizer.vocabularySize)",
        parameter: "tokens")
    }
    return DetokenizeResult(model: model.id.description, text: tokenizer.decode(request.tokens))
  }

  private func tokenizer(_ reference: ModelReference?) throws(WireError) -> (LoadedModel, Tokenizer) {
    let model = try catalog.running(reference, for: .generate)
    guard let tokenizer = model.pack.tokenizer else { throw wrongTask(model, needs: "a language model") }
    return (model, tokenizer)
  }
}
