import Vocabulary

extension Tokenizer {
  /// What a token is to the decoder.
  enum Reading {
    case nothing
    case byte(UInt8)
    case text([UInt8])
  }

  func reading(of token: TokenID) -> Reading {
    let id = Int(token.rawValue)
    guard id >= 0, id < model.count else { return .nothing }
    let piece = model.piece(id)
    switch model.types[id] {
    case .control: return .nothing
    case .unknown:
      return model.header.unknownText.isEmpty ? .nothing : .text(Array(model.header.unknownText.utf8))
    case .byte: return TokenizerModel.byte(ofLiteral: piece).map(Reading.byte) ?? .nothing
    case .userDefined:
      let literal = normalizedLiterals[token.rawValue] ?? Array(piece)
      return .text(decoder.readsAlphabet ? ByteLevelAlphabet.bytes(of: literal) ?? literal : literal)
    case .normal, .unused: return .text(Array(piece))
    }
  }

  /// The bytes that `token` adds to the middle of a text: none for control tokens and ids outside the vocabulary. They
  /// need not be whole characters.
  package func bytes(of token: TokenID) -> [UInt8] {
    switch reading(of: token) {
    case .nothing: return []
    case .byte(let byte): return [byte]
    case .text(let text):
      let ended =
        decoder.wordEnd.isEmpty
        ? text : TokenDecoder.replace(.literal(decoder.wordEnd), in: text, by: [UInt8(ascii: " ")])
      return decoder.text(of: ended, isFirst: false)
    }
  }

  /// How `token` is written: the literal of a token of structure, which ``bytes(of:)`` leaves out, and the text of others.
  package func spelling(of token: TokenID) -> [UInt8] {
    isSpecial(token) ? Array(model.piece(token.index)) : bytes(of: token)
  }

  /// The text of `ids`; without the space that ``encode(_:addBeginToken:parseSpecial:)`` puts in front, and
  /// with U+FFFD for bytes that are not UTF-8.
  package func decode(_ ids: [TokenID]) -> String {
    var state = TokenTextState(self, afterPrompt: false, streams: false)
    var bytes: [UInt8] = []
    for id in ids { state.append(id, to: &bytes) }
    state.finish(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
