import Tokenizers
import Vocabulary
import WireProtocol

extension Service {
  /// The token ids of a text, or of the prompt that a conversation becomes.
  func tokens(of request: TokenizeRequest, _ reference: ModelReference?) throws(WireError) -> TokenizeResult {
    let model = try catalog.running(reference, for: .generate)
    let maker = try promptMaker(for: model)
    let prompt = try maker.prompt(request.input, around: request.addsSpecial ? .begin : .none)
    let pieces = prompt.tokens.map { id in
      TokenizedPiece(
        id: id, text: String(decoding: maker.tokenizer.spelling(of: id), as: UTF8.self),
        isSpecial: maker.tokenizer.isSpecial(id))
    }
    return TokenizeResult(model: model.id.description, tokens: pieces)
  }

  /// The text of token ids.
  func text(of request: DetokenizeRequest, _ reference: ModelReference?) throws(WireError) -> DetokenizeResult
  {
    let model = try catalog.running(reference, for: .generate)
    let tokenizer = try promptMaker(for: model).tokenizer
    if let wrong = request.tokens.first(where: { $0.index >= tokenizer.vocabularySize }) {
      throw WireError(
        .badRequest, "token \(wrong) is not below the vocabulary size \(tokenizer.vocabularySize)",
        parameter: "tokens")
    }
    return DetokenizeResult(model: model.id.description, text: tokenizer.decode(request.tokens))
  }

  /// What makes prompts for a model.
  func promptMaker(for model: LoadedModel) throws(WireError) -> PromptMaker {
    guard let traits = model.pack.configuration.sequences, let tokenizer = model.pack.tokenizer else {
      throw wrongTask(model, needs: "a language model")
    }
    return PromptMaker(model: model, traits: traits, tokenizer: tokenizer)
  }
}
