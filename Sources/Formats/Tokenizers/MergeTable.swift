/// The pairs of neighbouring tokens that merge, the tokens that they become, and the order of the merges.
struct MergeTable: Sendable {
  /// The rank of a merge in the upper 32 bits, the resulting token in the lower ones. Smaller entries merge
  /// earlier.
  typealias Entry = UInt64

  private var entries: [UInt64: Entry] = [:]

  /// Makes merges from scores, so that one algorithm serves both kinds of tokenizer. A score belongs to a
  /// piece, not to a pair, so every way to cut a piece into two pieces is a merge with the piece's rank.
  init(scores: [Float], model: TokenizerModel, pieces: PieceTable) {
    let ranks = Self.ranks(of: scores)
    for id in 0..<model.count {
      model.piece(id).withUnsafeBufferPointer { bytes in
        guard pieces.find(bytes, in: model) == Int32(truncatingIfNeeded: id) else { return }
        for cut in bytes.indices.dropFirst() where !isContinuation(bytes[cut]) {
          guard let left = pieces.find(UnsafeBufferPointer(rebasing: bytes[..<cut]), in: model),
            let right = pieces.find(UnsafeBufferPointer(rebasing: bytes[cut...]), in: model)
          else { continue }
          entries[Self.key(left, right)] = UInt64(ranks[id]) << 32 | UInt64(id)
        }
      }
    }
  }

  /// - Throws: Where a merge names a token outside the vocabulary, or the joined bytes are no piece.
  init(merges: [TokenizerModel.Merge], model: TokenizerModel, pieces: PieceTable) throws(TokenizerError) {
    entries.reserveCapacity(merges.count)
    var joined: [UInt8] = []
    for (rank, merge) in merges.enumerated() {
      for id in [merge.left, merge.right] where id >= model.count {
        throw .mergeOutOfRange(merge: rank, id: id, vocabulary: model.count)
      }
      joined.removeAll(keepingCapacity: true)
      joined += model.piece(Int(merge.left))
      joined += model.piece(Int(merge.right))
      guard let result = joined.withUnsafeBufferPointer({ pieces.find($0, in: model) }) else {
        throw .mergeWithoutPiece(merge: rank, left: merge.left, right: merge.right)
      }
      let key = UInt64(merge.left) << 32 | UInt64(merge.right)
      if entries[key] == nil { entries[key] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: result)) }
    }
  }

  /// The merge of `left` and `right`, if they merge.
  func find(_ left: Int32, _ right: Int32) -> Entry? { entries[Self.key(left, right)] }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// 0 for the highest score; equal scores have equal ranks, so that position decides between them.
  private static func ranks(of scores: [Float]) -> [UInt32] {
    var ranks = Array(repeating: UInt32(0), count: scores.count)
    var rank: UInt32 = 0
    var previous: Int?
    for id in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
      if let previous, scores[previous] > scores[id] { rank += 1 }
      ranks[id] = rank
      previous = id
    }
    return ranks
  }
}
