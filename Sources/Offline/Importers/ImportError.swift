import TensorCore

/// Why a foreign model was refused. Damaged weight files are reported as `CheckpointError` instead.
package enum ImportError: Error, Equatable, CustomStringConvertible {
  case unsupportedSource(found: String, advice: String)
  case missingFile(String, beside: String)
  case unreadable(file: String, reason: String)
  case missingSetting(file: String, key: String)
  case wrongKind(file: String, key: String, expected: String)
  case outOfRange(file: String, key: String, found: String, expected: String)
  case unsupportedSetting(file: String, key: String, found: String, supported: [String])
  case unreadSetting(file: String, key: String, found: String)
  case unknownSetting(file: String, key: String, found: String)
  case missingTensor(file: String, tensor: String)
  case unexpectedTensor(file: String, tensor: String)
  case shapeMismatch(file: String, tensor: String, found: Shape, expected: Shape)
  case wrongRank(file: String, tensor: String, found: Shape, expected: Int)
  case wrongSize(file: String, found: Int, expected: Int)
  case morePiecesThanRows(tokenizer: String, pieces: Int, configuration: String, vocabulary: Int)

  package var description: String {
    switch self {
    case .unsupportedSource(let found, let advice): "\(found): \(advice)"
    case .missingFile(let name, let folder): "\(folder): there is no \(name); the download may be incomplete"
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .missingSetting(let file, let key): "\(file): '\(key)' is missing"
    case .wrongKind(let file, let key, let expected): "\(file): '\(key)' should be \(expected)"
    case .outOfRange(let file, let key, let found, let expected):
      "\(file): '\(key)' is \(found), expected \(expected)"
    case .unsupportedSetting(let file, let key, let found, let supported):
      "\(file): '\(key)' is '\(found)'; supported: \(supported.joined(separator: ", "))"
    case .unreadSetting(let file, let key, let found):
      """
      \(file): '\(key)' is \(found), which nothing here reads. Leaving it out could give wrong answers, so the model is \
      refused
      """
    case .unknownSetting(let file, let key, let found):
      """
      \(file): '\(key)' is \(found), and nothing here knows what it does. Leaving it out could give wrong answers, so the \
      model is refused. Where it is known to change nothing, delete it from \(file) and import again
      """
    case .missingTensor(let file, let tensor):
      "\(file): tensor '\(tensor)' is missing; the weights do not belong to this configuration"
    case .unexpectedTensor(let file, let tensor):
      """
      \(file): tensor '\(tensor)' has no place in this architecture. Leaving it out would give wrong \
      answers, so the model is refused
      """
    case .shapeMismatch(let file, let tensor, let found, let expected):
      """
      \(file): tensor '\(tensor)' has shape \(found), but the configuration calls for \(expected). \
      The weights and the configuration come from different models; export both again together
      """
    case .wrongRank(let file, let tensor, let found, let expected):
      "\(file): tensor '\(tensor)' has shape \(found), but \(expected) dimensions greater than 0 are expected"
    case .wrongSize(let file, let found, let expected):
      """
      \(file): the file has \(found) bytes, but its header calls for \(expected); it is truncated or of \
      another format
      """
    case .morePiecesThanRows(let tokenizer, let pieces, let configuration, let vocabulary):
      """
      \(tokenizer) has \(pieces) pieces, but \(configuration) says that the vocabulary (vocab_size) has \(vocabulary), and \
      those beyond are no mere added tokens. Put the \(tokenizer) there that the weights were trained with, or export the \
      model again with an embedding of \(pieces) rows
      """
    }
  }
}
