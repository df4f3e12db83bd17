import Tokenizers
import WireProtocol

extension Service {
  func tokenize(_ request: TokenizeRequest, _ line: Request, _ caller: Caller) throws(WireError) {
    let (model, tokenizer) = try tokenizer(line.model)
    let ids = tokenizer.encode(request.text, addBeginToken: request.addsSpecial && tokenizer.addsBeginToken)
    let pieces = ids.map { id in
      TokenizedPiece(id: Int(id.rawValue), text: String(decoding: tokenizer.bytes(of: id), as: UTF8.self))
    }
    caller.reply(.result(line.id, TokenizeResult(model: model.id.description, tokens: pieces)))
  }

  func detokenize(_ request: DetokenizeRequest, _ line: Request, _ caller: Caller) throws(WireError) {
    let (model, tokenizer) = try tokenizer(line.model)
    if let wrong = request.tokens.first(where: { $0 >= tokenizer.vocabularySize }) {
      throw WireError(
        .badRequest, "token \(wrong) is not below the vocabulary size \(tokenizer.vocabularySize)",
        parameter: "tokens")
    }
    let text = tokenizer.decode(request.tokens.map { TokenID(Int32($0)) })
    caller.reply(.result(line.id, DetokenizeResult(model: model.id.description, text: text)))
  }

  private func tokenizer(_ reference: ModelReference?) throws(WireError) -> (LoadedModel, Tokenizer) {
    let model = try catalog.running(reference, for: .generate)
    guard let tokenizer = model.pack.tokenizer else { throw wrongTask(model, needs: "a language model") }
    return (model, tokenizer)
  }
}
