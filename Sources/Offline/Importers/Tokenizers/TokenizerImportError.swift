import JSON
import Tokenizers

/// Why a foreign tokenizer file is refused.
package enum TokenizerImportError: Error, Equatable, CustomStringConvertible {
  case malformedJSON(JSONSyntaxError)
  case missing(field: String)
  case unexpected(field: String, found: String, expected: String)
  case unsupported(field: String, found: String, supported: String)
  case duplicateID(id: Int)
  case missingID(id: Int, count: Int)
  case mergePartUnknown(merge: Int)
  case truncated(reading: String, offset: Int)
  case invalidModel(TokenizerError)

  package var description: String {
    switch self {
    case .malformedJSON(let error): error.description
    case .missing(let field): "the tokenizer has no '\(field)'"
    case .unexpected(let field, let found, let expected): "'\(field)' is \(found), expected \(expected)"
    case .unsupported(let field, let found, let supported):
      "'\(field)' is \(found), which is not supported; supported: \(supported)"
    case .duplicateID(let id): "two pieces have the id \(id)"
    case .missingID(let id, let count): "no piece has the id \(id), though there are \(count) pieces"
    case .mergePartUnknown(let merge): "merge \(merge) joins a piece that the vocabulary does not have"
    case .truncated(let reading, let offset): "the file ends at byte \(offset), within its \(reading)"
    case .invalidModel(let error): "the tokenizer does not fit together: \(error)"
    }
  }
}

extension TokenizerModel {
  /// The same model, if a ``Tokenizer`` accepts it.
  func checked() throws(TokenizerImportError) -> TokenizerModel {
    do throws(TokenizerError) { return try Tokenizer(self).model } catch { throw .invalidModel(error) }
  }
}
