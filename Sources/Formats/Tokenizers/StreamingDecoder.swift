import Vocabulary

/// Turns tokens into text as they come, in whole characters.
///
/// Bytes that may be the beginning of a character wait for the next token. The texts of all calls together are
/// ``Tokenizer/decode(_:)`` of all tokens (with `afterPrompt: false`).
package struct StreamingDecoder: Sendable {
  private let tokenizer: Tokenizer
  private var pending: [UInt8] = []
  private var dropsSpace: Bool

  /// - Parameter afterPrompt: Whether the tokens continue a text, so that a space in front belongs to it. If
  ///   not, encoding put that space there, and it is left out.
  package init(_ tokenizer: Tokenizer, afterPrompt: Bool = true) {
    self.tokenizer = tokenizer
    dropsSpace = !afterPrompt && tokenizer.stripsLeadingSpace
  }

  /// The text that is certain now; empty while a character is incomplete.
  package mutating func append(_ id: TokenID) -> String {
    var bytes = pending
    appendBytes(of: id, to: &bytes)
    let certain = bytes.count - incompleteSuffix(of: bytes)
    pending = Array(bytes[certain...])
    return String(decoding: bytes[..<certain], as: UTF8.self)
  }

  /// The rest: U+FFFD if the tokens ended within a character. The decoder is ready for another text's
  /// continuation.
  package mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  mutating func appendBytes(of id: TokenID, to output: inout [UInt8]) {
    let bytes = tokenizer.bytes(of: id)
    guard let first = bytes.first else { return }
    output += dropsSpace && first == UInt8(ascii: " ") ? bytes[1...] : bytes[...]
    dropsSpace = false
  }
}
