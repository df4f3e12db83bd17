/// Why a ``TokenizerModel`` is refused.
package enum TokenizerError: Error, Equatable, CustomStringConvertible {
  case vocabularySize(found: Int, limit: Int)
  case countMismatch(part: String, found: Int, expected: Int)
  case offsetsNotAscending(piece: Int)
  case pieceTooLong(piece: Int, bytes: Int, limit: Int)
  case pieceNotText(piece: Int)
  case unknownPieceType(piece: Int, code: UInt8)
  case malformedBytePiece(piece: Int)
  case duplicateBytePiece(piece: Int, byte: UInt8)
  case specialTokenOutOfRange(role: String, id: Int32, vocabulary: Int)
  case scoreNotFinite(piece: Int)
  case mergeOutOfRange(merge: Int, id: UInt32, vocabulary: Int)
  case mergeWithoutPiece(merge: Int, left: UInt32, right: UInt32)
  case mergingMismatch(kind: TokenizerModel.Kind)
  case tooManySteps(found: Int, limit: Int)
  case textGrows(factor: Int, limit: Int)
  case patternNotSupported(pattern: String, reason: String)
  case decoderNotSupported(reason: String)
  case missingTensor(name: String)
  case unexpectedTensor(name: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .vocabularySize(let found, let limit):
      "the vocabulary has \(found) pieces; between 1 and \(limit) are supported"
    case .countMismatch(let part, let found, let expected):
      "the tokenizer has \(found) \(part), but its vocabulary has \(expected); pack it again"
    case .offsetsNotAscending(let piece):
      "the bytes of piece \(piece) end before they begin or past the end; pack it again"
    case .pieceTooLong(let piece, let bytes, let limit):
      "piece \(piece) has \(bytes) bytes; at most \(limit) are supported"
    case .pieceNotText(let piece):
      "piece \(piece) is not UTF-8, and only byte-level normal pieces may be other than text"
    case .unknownPieceType(let piece, let code):
      "piece \(piece) has type \(code); the types are 1 to 6 (normal, unknown, control, user, unused, byte)"
    case .malformedBytePiece(let piece):
      "piece \(piece) has type byte but is not written <0xHH>"
    case .duplicateBytePiece(let piece, let byte):
      "piece \(piece) stands for byte \(byte), as an earlier piece does"
    case .specialTokenOutOfRange(let role, let id, let vocabulary):
      "the \(role) token is \(id), outside the vocabulary of \(vocabulary) pieces"
    case .scoreNotFinite(let piece):
      "the score of piece \(piece) is NaN or infinite; merges could not be ordered"
    case .mergeOutOfRange(let merge, let id, let vocabulary):
      "merge \(merge) joins token \(id), outside the vocabulary of \(vocabulary) pieces"
    case .mergeWithoutPiece(let merge, let left, let right):
      "merge \(merge) joins tokens \(left) and \(right) into a piece that the vocabulary does not have"
    case .mergingMismatch(let kind):
      "the order of merges that is stored is not one for a \(kind.rawValue) tokenizer; pack it again"
    case .tooManySteps(let found, let limit):
      "the tokenizer has \(found) steps of one kind; at most \(limit) are supported"
    case .textGrows(let factor, let limit):
      "the steps can make a text \(factor) times as long; at most \(limit) times is supported"
    case .patternNotSupported(let pattern, let reason):
      "the pattern '\(pattern)' cannot be used: \(reason)"
    case .decoderNotSupported(let reason): "the decoder cannot be used: \(reason)"
    case .missingTensor(let name):
      "tensor '\(name)' is missing; the pack has no complete tokenizer, pack it again"
    case .unexpectedTensor(let name, let found, let expected):
      "tensor '\(name)' is \(found), expected \(expected); the pack is damaged, pack it again"
    }
  }
}
