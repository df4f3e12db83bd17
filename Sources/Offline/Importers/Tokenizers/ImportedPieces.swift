import Tokenizers

/// Pieces by id as a foreign file spells them, and merges as it spells those: what the importers have in
/// common.
struct ImportedPieces {
  var pieces: [[UInt8]]
  var types: [TokenizerModel.PieceType]

  /// Marks the normal pieces written `<0xHH>` as bytes.
  mutating func markBytePieces() {
    for id in pieces.indices where types[id] == .normal && isByteLiteral(pieces[id]) { types[id] = .byte }
  }

  /// Replaces GPT-2's printable spelling by the bytes themselves. A piece with characters outside that
  /// alphabet can never come from text and becomes unused; literals of special tokens are ordinary text
  /// already.
  mutating func decodeByteLevel() {
    for id in pieces.indices where types[id] == .normal {
      if let bytes = ByteLevelAlphabet.bytes(of: pieces[id]) {
        pieces[id] = bytes
      } else {
        types[id] = .unused
      }
    }
  }

  /// Gives word pieces BERT's spelling back: in GGUF those that begin a word have ▁ in front, and others no ##.
  mutating func respellWordPieces() {
    for id in pieces.indices where types[id] == .normal {
      let begins = pieces[id].starts(with: metaspace)
      pieces[id] = begins ? Array(pieces[id].dropFirst(metaspace.count)) : Array("##".utf8) + pieces[id]
    }
  }

  /// The pairs of ids that `merges` name in this (not yet decoded) spelling.
  func merges(_ merges: [(left: [UInt8], right: [UInt8])]) throws(TokenizerImportError)
    -> TokenizerModel.Merging
  {
    var ids: [[UInt8]: UInt32] = [:]
    ids.reserveCapacity(pieces.count)
    for (id, piece) in pieces.enumerated() where ids[piece] == nil { ids[piece] = UInt32(id) }
    var result: [TokenizerModel.Merge] = []
    result.reserveCapacity(merges.count)
    for (index, merge) in merges.enumerated() {
      guard let left = ids[merge.left], let right = ids[merge.right] else {
        throw .mergePartUnknown(merge: index)
      }
      result.append(.init(left: left, right: right))
    }
    return .ranked(result)
  }

  /// Splits "left right" at its only space.
  static func splitMerge(_ merge: [UInt8]) -> (left: [UInt8], right: [UInt8])? {
    let parts = merge.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    return parts.count == 2 ? (Array(parts[0]), Array(parts[1])) : nil
  }

  private func isByteLiteral(_ piece: [UInt8]) -> Bool {
    piece.count == 6 && piece.starts(with: "<0x".utf8) && piece[5] == UInt8(ascii: ">")
      && piece[3...4].allSatisfy { $0 < 0x80 && Character(Unicode.Scalar($0)).isHexDigit }
  }
}
