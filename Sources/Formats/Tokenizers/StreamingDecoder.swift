import Vocabulary

/// Turns tokens into text as they come, in whole characters.
///
/// Bytes that may be the beginning of a character wait for the next token. The texts of all calls together are
/// ``Tokenizer/decode(_:)`` of all tokens (with `afterPrompt: false`), except that byte tokens which are no text become
/// U+FFFD as soon as that is certain, while some decoders judge a run of them as a whole.
package struct StreamingDecoder: Sendable {
  private var state: TokenTextState
  private var pending: [UInt8] = []
  private let tokenizer: Tokenizer

  /// - Parameter afterPrompt: Whether the tokens continue a text, so that a space in front belongs to it. If
  ///   not, encoding put that space there, and it is left out.
  package init(_ tokenizer: Tokenizer, afterPrompt: Bool = true) {
    self.tokenizer = tokenizer
    state = TokenTextState(tokenizer, afterPrompt: afterPrompt, streams: true)
  }

  /// The text that is certain now; empty while a character is incomplete.
  package mutating func append(_ id: TokenID) -> String {
    var bytes = pending
    state.append(id, to: &bytes)
    let certain = bytes.count - incompleteSuffix(of: bytes)
    pending = Array(bytes[certain...])
    return String(decoding: bytes[..<certain], as: UTF8.self)
  }

  /// The rest: U+FFFD if the tokens ended within a character. The decoder is ready for another text's
  /// continuation.
  package mutating func finish() -> String {
    var bytes = pending
    state.finish(to: &bytes)
    pending = []
    state = TokenTextState(tokenizer, afterPrompt: true, streams: true)
    return String(decoding: bytes, as: UTF8.self)
  }
}
