import TensorCore

/// How a pack stores a tokenizer: the header as JSON, the rest as four tensors that load without parsing.
///
///     tokenizer.pieces   U8  [bytes]           all pieces, one after another
///     tokenizer.offsets  U32 [vocabulary + 1]  where each begins, and the end of the last
///     tokenizer.types    U8  [vocabulary]      1...6, see PieceType
///     tokenizer.scores   F32 [vocabulary]      one of the three: scores,
///     tokenizer.merges   U32 [merges, 2]       or pairs of token ids, first merge first,
///     tokenizer.odds     U32 [vocabulary, 2]   or log-probabilities: the lower and upper half of a 64-bit float
///
/// Numbers are little-endian.
extension TokenizerModel {
  /// The tensors to store, named as above.
  package func tensors() -> [(name: String, type: ElementType, shape: Shape, bytes: [UInt8])] {
    let merging: (name: String, type: ElementType, shape: Shape, bytes: [UInt8])
    switch self.merging {
    case .scores(let scores):
      merging = ("tokenizer.scores", .f32, [scores.count], littleEndian(scores.map(\.bitPattern)))
    case .ranked(let merges):
      let ids = merges.flatMap { [$0.left, $0.right] }
      merging = ("tokenizer.merges", .u32, [merges.count, 2], littleEndian(ids))
    case .logProbabilities(let values):
      let halves = values.map(\.bitPattern).flatMap {
        [UInt32(truncatingIfNeeded: $0), UInt32(truncatingIfNeeded: $0 >> 32)]
      }
      merging = ("tokenizer.odds", .u32, [values.count, 2], littleEndian(halves))
    }
    return [
      ("tokenizer.pieces", .u8, [pieceBytes.count], pieceBytes),
      ("tokenizer.offsets", .u32, [pieceOffsets.count], littleEndian(pieceOffsets)),
      ("tokenizer.types", .u8, [types.count], types.map(\.rawValue)),
      merging,
    ]
  }

  /// Reads what ``tensors()`` wrote, from a file that may be damaged.
  ///
  /// - Parameter tensor: Finds a tensor by name.
  /// - Throws: Where a tensor is missing or has another type or rank. ``Tokenizer/init(_:)`` checks the
  ///   contents.
  /// - Complexity: O(bytes of the tensors).
  package init(header: TokenizerHeader, tensor: (String) -> TensorView?) throws(TokenizerError) {
    func view(_ name: String, _ type: ElementType, rank: Int = 1) throws(TokenizerError) -> TensorView {
      guard let view = tensor(name) else { throw .missingTensor(name: name) }
      guard view.type == type, view.shape.rank == rank, rank == 1 || view.shape[1] == 2 else {
        let expected = "\(type.rawValue) \(rank == 1 ? "of one axis" : "[…, 2]")"
        throw .unexpectedTensor(name: name, found: "\(view.type.rawValue) \(view.shape)", expected: expected)
      }
      return view
    }
    self.header = header
    pieceBytes = Array(try view("tokenizer.pieces", .u8).bytes)
    pieceOffsets = words(of: try view("tokenizer.offsets", .u32))
    guard pieceOffsets.count > 1 else { throw .vocabularySize(found: 0, limit: Tokenizer.vocabularyLimit) }
    types = []
    for (piece, code) in try view("tokenizer.types", .u8).bytes.enumerated() {
      guard let type = PieceType(rawValue: code) else { throw .unknownPieceType(piece: piece, code: code) }
      types.append(type)
    }
    if tensor("tokenizer.scores") != nil {
      merging = .scores(words(of: try view("tokenizer.scores", .f32)).map(Float.init(bitPattern:)))
    } else if tensor("tokenizer.odds") != nil {
      let halves = words(of: try view("tokenizer.odds", .u32, rank: 2))
      merging = .logProbabilities(
        stride(from: 0, to: halves.count - 1, by: 2).map {
          Double(bitPattern: UInt64(halves[$0]) | UInt64(halves[$0 + 1]) << 32)
        })
    } else {
      let ids = words(of: try view("tokenizer.merges", .u32, rank: 2))
      merging = .ranked(
        stride(from: 0, to: ids.count - 1, by: 2).map { Merge(left: ids[$0], right: ids[$0 + 1]) })
    }
  }
}

private func littleEndian(_ words: [UInt32]) -> [UInt8] {
  words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
}

/// The words of a view, which need not be aligned.
private func words(of view: TensorView) -> [UInt32] {
  (0..<view.bytes.count / 4).map {
    UInt32(littleEndian: view.bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
  }
}
