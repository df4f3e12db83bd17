/// Finds the literals of special tokens in text: the leftmost first, and of several that begin there the
/// longest.
struct SpecialTokenFinder: Sendable {
  /// By first byte, longest first: `(token, isControl)`.
  private var byFirstByte: [[(id: Int32, onlyOnRequest: Bool)]] = Array(repeating: [], count: 256)
  private var isEmpty = true

  /// - Parameter model: A model whose offsets have been checked.
  init(_ model: TokenizerModel) {
    for id in 0..<model.count {
      let type = model.types[id]
      guard let first = model.piece(id).first, [.control, .unknown, .userDefined].contains(type) else {
        continue
      }
      byFirstByte[Int(first)].append((Int32(truncatingIfNeeded: id), type != .userDefined))
      isEmpty = false
    }
    for byte in byFirstByte.indices {
      byFirstByte[byte].sort { model.piece(Int($0.id)).count > model.piece(Int($1.id)).count }
    }
  }

  /// The first special token at or after `start`.
  ///
  /// - Parameter parseSpecial: Whether to find control tokens. If not, they are ordinary text, because only a
  ///   trusted template may write them.
  func next(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, parseSpecial: Bool, model: TokenizerModel
  ) -> (range: Range<Int>, id: Int32)? {
    guard !isEmpty else { return nil }
    for index in start..<text.count {
      for special in byFirstByte[Int(text[index])] where parseSpecial || !special.onlyOnRequest {
        let piece = model.piece(Int(special.id))
        guard piece.count <= text.count - index else { continue }
        let range = index..<index + piece.count
        if piece.elementsEqual(text[range]) { return (range, special.id) }
      }
    }
    return nil
  }
}
