import Vocabulary

extension Tokenizer {
  /// The bytes that `token` adds to the text: none for control tokens and ids outside the vocabulary, U+FFFD
  /// for the unknown token. They need not be whole characters.
  package func bytes(of token: TokenID) -> [UInt8] {
    let id = Int(token.rawValue)
    guard id >= 0, id < model.count else { return [] }
    let piece = model.piece(id)
    switch model.types[id] {
    case .control: return []
    case .unknown: return [0xef, 0xbf, 0xbd]
    case .byte: return TokenizerModel.byte(ofLiteral: piece).map { [$0] } ?? []
    case .normal, .userDefined, .unused:
      return model.header.kind == .spmBPE ? spaces(in: piece) : Array(piece)
    }
  }

  /// The text of `ids`; without the space that ``encode(_:addBeginToken:parseSpecial:)`` puts in front, and
  /// with U+FFFD for bytes that are not UTF-8.
  package func decode(_ ids: [TokenID]) -> String {
    var decoder = StreamingDecoder(self, afterPrompt: false)
    var bytes: [UInt8] = []
    for id in ids { decoder.appendBytes(of: id, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Sentencepiece puts a space in front of text that its decoder takes away again; GPT-2's decoder leaves
  /// it.
  var stripsLeadingSpace: Bool { model.header.kind == .spmBPE && model.header.leadingSpace != .never }

  private func spaces(in piece: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(piece.count)
    var rest = piece
    while let first = rest.first {
      let isSpace = rest.starts(with: metaspace)
      bytes.append(isSpace ? UInt8(ascii: " ") : first)
      rest = rest.dropFirst(isSpace ? metaspace.count : 1)
    }
    return bytes
  }
}
