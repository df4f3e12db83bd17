import JSON
import Tokenizers
import Vocabulary

/// One entry of `added_tokens`.
struct AddedTokenReader {
  let id: Int
  let content: [UInt8]
  let isSpecial: Bool
  /// nil where the literal is found as it is written, wherever it stands.
  let rule: AddedTokenRule?

  init(_ node: JSONValue) throws(TokenizerImportError) {
    let field = "added_tokens[]"
    guard let number = node["id"]?.integer, let id = TokenID(exactly: number),
      let content = node["content"]?.bytes
    else { throw .missing(field: "added_tokens[].id and .content") }
    (self.id, self.content) = (number, content)
    isSpecial = try StepReader.flag(node, "special", field, default: false)
    let rule = AddedTokenRule(
      id: id, stripsLeft: try StepReader.flag(node, "lstrip", field, default: false),
      stripsRight: try StepReader.flag(node, "rstrip", field, default: false),
      normalized: try StepReader.flag(node, "normalized", field, default: !isSpecial),
      singleWord: try StepReader.flag(node, "single_word", field, default: false))
    self.rule = rule.isPlain ? nil : rule
  }
}
