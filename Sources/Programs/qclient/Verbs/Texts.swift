import JSON
import Vocabulary
import WireProtocol

extension Command {
  /// Prints the embedding's components on one line.
  func embed() throws(ClientFailure) {
    let request = EmbedRequest(input: .text(try operandText()), deadlineMilliseconds: timeout)
    try printResult(of: .infer(.embed(request)), model: try invocation.model(), as: EmbedResult.self) {
      result in
      if invocation.has(.stats) { console.note(Self.statistics(result)) }
      return [result.embedding.map { "\($0)" }.joined(separator: " ")]
    }
  }

  private static func statistics(_ result: EmbedResult) -> String {
    let tokens = result.usage.map { "\($0.promptTokens) tokens" }
    let total = result.timings.total.map { Format.duration($0) }
    return ([tokens, total].compactMap(\.self) + [result.model]).joined(separator: ", ")
  }

  /// Prints one token a line: its id, a tab, its text as a JSON string, and behind another tab `special` where it is one.
  func tokenize() throws(ClientFailure) {
    let request = TokenizeRequest(try tokenizeInput())
    try printResult(of: .ask(.tokenize(request)), model: try invocation.model(), as: TokenizeResult.self) {
      result in
      result.tokens.map {
        "\($0.id)\t\(String(decoding: JSONValue.string($0.text).encoded(), as: UTF8.self))"
          + ($0.isSpecial ? "\tspecial" : "")
      }
    }
  }

  private func tokenizeInput() throws(ClientFailure) -> PromptInput {
    guard !(invocation.has(.chat) && invocation.has(.special)) else {
      throw .usage("--chat and --special exclude each other: a template alone writes special tokens")
    }
    let text = try operandText()
    guard invocation.has(.chat) else { return .text(text, special: invocation.has(.special)) }
    return .chat(Conversation(messages: [ChatMessage(.user, text)]))
  }

  func detokenize() throws(ClientFailure) {
    var tokens: [TokenID] = []
    for word in invocation.operands {
      guard let token = Int(word).flatMap({ TokenID(exactly: $0) }) else {
        throw .usage("'\(word)' is not a token id, an integer in 0...\(Int32.max)")
      }
      tokens.append(token)
    }
    let request = DetokenizeRequest(tokens: tokens)
    try printResult(of: .ask(.detokenize(request)), model: try invocation.model(), as: DetokenizeResult.self)
    { [$0.text] }
  }
}
