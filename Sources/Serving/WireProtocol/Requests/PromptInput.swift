import JSON
import Vocabulary

/// What a model is to read: a text, token ids, or a conversation that its template makes a prompt of.
package enum PromptInput: Sendable, Equatable {
  /// The text as it stands, never templated.
  ///
  /// - special: Whether literals of special tokens in it are those tokens, for templates written by hand.
  case text(String, special: Bool = false)
  /// Token ids as they stand; nothing is put in front.
  case tokens([TokenID])
  case chat(Conversation)

  package static let allowedTokens = 1...1_000_000
}

extension PromptInput {
  /// The input that a request's fields name, of which there must be one.
  ///
  /// - Parameter field: What the operation calls a text: `prompt` or `text`.
  init(_ fields: inout Fields, field: String, takesTokens: Bool) throws(WireError) {
    let written = try Self.written(&fields, field, takesTokens: takesTokens)
    let special = try fields.bool("special") ?? false
    let conversation = try Conversation(&fields)
    switch (written, conversation) {
    case (.text(let text, _)?, nil): self = .text(text, special: special)
    case (.some, nil) where special:
      throw WireError(
        .badRequest, "'special' is about literals in a text; token ids have none", parameter: "special")
    case (let written?, nil): self = written
    case (nil, .some) where special:
      throw WireError(
        .badRequest, "'special' is for '\(field)'; in 'messages' the template alone writes special tokens",
        parameter: "special")
    case (nil, let conversation?): self = .chat(conversation)
    case (nil, nil):
      throw WireError(.badRequest, "\(fields.context) needs '\(field)' or 'messages'", parameter: field)
    case (.some, .some):
      throw WireError(
        .badRequest, "\(fields.context) takes either '\(field)' or 'messages'", parameter: "messages")
    }
  }

  private static func written(
    _ fields: inout Fields, _ field: String, takesTokens: Bool
  ) throws(WireError) -> PromptInput? {
    guard takesTokens, case .array? = fields.value(field) else {
      return try fields.string(field, bytes: 0...JSONLimits.lineBytes).map { .text($0) }
    }
    return try fields.tokens(field, count: allowedTokens).map { .tokens($0) }
  }

  func members(field: String) -> [(String, JSONValue?)] {
    switch self {
    case .text(let text, let special): [(field, .string(text)), ("special", special ? true : nil)]
    case .tokens(let tokens): [(field, .array(tokens.map { .integer($0.index) }))]
    case .chat(let conversation): conversation.members.map { ($0.key, $0.value) }
    }
  }
}

extension Fields {
  mutating func tokens(_ name: String, count: ClosedRange<Int>) throws(WireError) -> [TokenID]? {
    guard let elements = try array(name, count: count) else { return nil }
    var tokens: [TokenID] = []
    tokens.reserveCapacity(elements.count)
    for element in elements {
      guard case .integer(let number) = element, let token = TokenID(exactly: number) else {
        throw mismatch(name, element, "integers in 0...\(Int32.max)")
      }
      tokens.append(token)
    }
    return tokens
  }
}
