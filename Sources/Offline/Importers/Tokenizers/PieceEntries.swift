import Tokenizers

/// Pieces by id, in the order in which a file lists them.
struct PieceEntries {
  private var entries: [Int: (piece: [UInt8], type: TokenizerModel.PieceType)] = [:]

  var count: Int { entries.count }

  /// - Throws: Where the id is taken.
  mutating func insert(_ id: Int, _ piece: [UInt8]) throws(TokenizerImportError) {
    guard entries.updateValue((piece, .normal), forKey: id) == nil else { throw .duplicateID(id: id) }
  }

  /// Adds a token, which may repeat a piece.
  ///
  /// - Throws: Where the id belongs to another piece.
  mutating func add(_ token: AddedTokenReader) throws(TokenizerImportError) {
    if let known = entries[token.id], known.piece != token.content { throw .duplicateID(id: token.id) }
    entries[token.id] = (token.content, token.isSpecial ? .control : .userDefined)
  }

  /// - Throws: Where the ids are not 0, 1, 2 and so on.
  func pieces() throws(TokenizerImportError) -> ImportedPieces {
    var result = ImportedPieces(pieces: [], types: [])
    result.pieces.reserveCapacity(entries.count)
    result.types.reserveCapacity(entries.count)
    for id in 0..<entries.count {
      guard let entry = entries[id] else { throw .missingID(id: id, count: entries.count) }
      result.pieces.append(entry.piece)
      result.types.append(entry.type)
    }
    return result
  }
}
