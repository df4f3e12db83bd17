import Vocabulary

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
    let (found, wrong): (Int, Int?) =
      switch merging {
      case .scores(let scores): (scores.count, scores.firstIndex { !$0.isFinite })
      case .logProbabilities(let scores): (scores.count, scores.firstIndex { !$0.isFinite })
      case .ranked: (count, nil)
      }
    guard found == count else { throw .countMismatch(part: "scores", found: found, expected: count) }
    if let wrong { throw .scoreNotFinite(piece: wrong) }
  }

  private func validateHeader() throws(TokenizerError) {
    switch (kind, merging) {
    case (.spmBPE, .scores), (.spmBPE, .ranked), (.byteLevelBPE, .scores), (.byteLevelBPE, .ranked): break
    case (.wordPiece, .ranked(let merges)) where merges.isEmpty: break
    case (.unigram, .logProbabilities): break
    default: throw .mergingMismatch(kind: kind)
    }
    let others = header.labels.sorted { $0.key < $1.key }.map { ($0.key, Optional($0.value)) }
    let added = header.addedTokens.map { ("added", Optional($0.id)) }
    let around = (header.prefix + header.suffix).map { ("template", Optional($0)) }
    for (role, id) in [("unknown", header.unknown), ("begin", header.begin), ("end", header.end)]
      + others + added + around
    {
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
      for id in 0..<count where types[id] == type && isPiece(id) {
        piece(id).withUnsafeBufferPointer { bytes in
          guard !bytes.isEmpty else { return }
          let (value, length) = decodeScalar(bytes, at: 0)
          if length == bytes.count, tokens[value] == nil { tokens[value] = Int32(truncatingIfNeeded: id) }
        }
      }
    }
    return tokens
  }

  /// Whether words that begin at ▁ can be merged one by one: no piece that text can become has ▁ behind a character other
  /// than ▁, and nothing else depends on where a word begins and ends.
  func hasIndependentWords(_ scalarTokens: [UInt32: Int32]) -> Bool {
    guard kind == .spmBPE, scalarTokens[0x2581] != nil, !header.prefersWholeWords,
      header.continuingPrefix.isEmpty, header.wordSuffix.isEmpty
    else { return false }
    return (0..<count).allSatisfy { id in
      guard isPiece(id) else { return true }
      return piece(id).withUnsafeBufferPointer { bytes in
        bytes.isEmpty || metaspaceWordEnd(in: bytes, from: 0) == bytes.count
      }
    }
  }

  /// The literals that are found in normalized text, in that form, by their tokens. They are decoded so as well.
  func normalizedLiterals(_ normalizer: TextNormalizer) -> [Int32: [UInt8]] {
    var literals: [Int32: [UInt8]] = [:]
    for rule in header.addedTokens where rule.normalized {
      literals[rule.id.rawValue] = piece(rule.id.index).withUnsafeBufferPointer {
        normalizer.normalize($0).bytes
      }
    }
    return literals
  }

  /// The finders of added tokens as they are written and of those in normalized text.
  func addedTokens(_ literals: [Int32: [UInt8]]) -> (AddedTokenFinder, AddedTokenFinder) {
    var (written, normalized) = (AddedTokenFinder(), AddedTokenFinder())
    let rules = Dictionary(header.addedTokens.map { ($0.id.rawValue, $0) }) { first, _ in first }
    for index in 0..<count where types[index].isSpecial || types[index] == .userDefined {
      let id = Int32(truncatingIfNeeded: index)
      let rule = rules[id]
      if let literal = literals[id] {
        normalized.insert(literal, id: id, isSpecial: types[index].isSpecial, rule: rule)
      } else {
        written.insert(piece(index), id: id, isSpecial: types[index].isSpecial, rule: rule)
      }
    }
    return (written, normalized)
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
