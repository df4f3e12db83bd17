extension TokenizerModel {
  /// Checks everything that the tables of a ``Tokenizer`` rely on, except merges, which their table checks.
  func validate() throws(TokenizerError) {
    guard count > 0, count <= Tokenizer.vocabularyLimit else {
      throw .vocabularySize(found: count, limit: Tokenizer.vocabularyLimit)
    }
    guard types.count == count else {
      throw .countMismatch(part: "types", found: types.count, expected: count)
    }
    try validateOffsets()
    try validateScores()
    try validateHeader()
    for id in 0..<count where kind != .byteLevelBPE || types[id] != .normal {
      guard String(validating: piece(id), as: UTF8.self) != nil else { throw .pieceNotText(piece: id) }
    }
  }

  private var kind: Kind { header.kind }

  private func validateOffsets() throws(TokenizerError) {
    guard pieceOffsets[0] == 0 else { throw .offsetsNotAscending(piece: 0) }
    for id in 0..<count {
      let (start, end) = (pieceOffsets[id], pieceOffsets[id + 1])
      guard start <= end, end <= pieceBytes.count else { throw .offsetsNotAscending(piece: id) }
      guard end - start <= Tokenizer.pieceLimit else {
        throw .pieceTooLong(piece: id, bytes: Int(end - start), limit: Tokenizer.pieceLimit)
      }
    }
  }

  private func validateScores() throws(TokenizerError) {
    guard case .scores(let scores) = merging else { return }
    guard scores.count == count else {
      throw .countMismatch(part: "scores", found: scores.count, expected: count)
    }
    if let piece = scores.firstIndex(where: { !$0.isFinite }) { throw .scoreNotFinite(piece: piece) }
  }

  private func validateHeader() throws(TokenizerError) {
    let fits: Bool
    switch header.wordSplit {
    case .none: fits = true
    case .metaspace: fits = kind == .spmBPE
    case .gpt2, .llama3, .singleDigits: fits = kind == .byteLevelBPE
    }
    guard fits else { throw .wordSplitMismatch(kind: kind, wordSplit: header.wordSplit) }
    for (role, id) in [("unknown", header.unknown), ("begin", header.begin), ("end", header.end)] {
      if let id, id.rawValue < 0 || Int(id.rawValue) >= count {
        throw .specialTokenOutOfRange(role: role, id: id.rawValue, vocabulary: count)
      }
    }
  }

  /// The token of each byte, −1 where there is none.
  func byteTokens() throws(TokenizerError) -> [Int32] {
    var tokens = Array(repeating: Int32(-1), count: 256)
    for id in 0..<count {
      let piece = piece(id)
      if types[id] == .byte {
        guard let byte = Self.byte(ofLiteral: piece) else { throw .malformedBytePiece(piece: id) }
        guard tokens[Int(byte)] < 0 else { throw .duplicateBytePiece(piece: id, byte: byte) }
        tokens[Int(byte)] = Int32(truncatingIfNeeded: id)
      } else if kind == .byteLevelBPE, types[id] == .normal, piece.count == 1, let byte = piece.first {
        if tokens[Int(byte)] < 0 { tokens[Int(byte)] = Int32(truncatingIfNeeded: id) }
      }
    }
    return tokens
  }

  /// The first normal piece of each single scalar.
  func scalarTokens() -> [UInt32: Int32] {
    guard kind == .spmBPE else { return [:] }
    var tokens: [UInt32: Int32] = [:]
    for type in [PieceType.normal, .userDefined] {
      for id in 0..<count where types[id] == type {
        piece(id).withUnsafeBufferPointer { bytes in
          guard !bytes.isEmpty else { return }
          let (value, length) = decodeScalar(bytes, at: 0)
          if length == bytes.count, tokens[value] == nil { tokens[value] = Int32(truncatingIfNeeded: id) }
        }
      }
    }
    return tokens
  }

  /// Whether no piece that text can become has ▁ behind a character other than ▁.
  func hasNoInnerSpace() -> Bool {
    (0..<count).allSatisfy { id in
      guard types[id] == .normal || types[id] == .userDefined else { return true }
      return piece(id).withUnsafeBufferPointer { bytes in
        bytes.isEmpty || metaspaceWordEnd(in: bytes, from: 0) == bytes.count
      }
    }
  }

  /// The byte that `<0xHH>` (two upper- or lower-case digits) stands for.
  static func byte(ofLiteral piece: ArraySlice<UInt8>) -> UInt8? {
    guard piece.count == 6, piece.starts(with: "<0x".utf8), piece.last == UInt8(ascii: ">") else {
      return nil
    }
    var value: UInt8 = 0
    for digit in piece.dropFirst(3).prefix(2) {
      guard let nibble = Character(Unicode.Scalar(digit)).hexDigitValue, digit < 0x80 else { return nil }
      value = value << 4 | UInt8(nibble)
    }
    return value
  }
}
