import JSON
import Tokenizers
import Vocabulary

/// What the post-processor of a `tokenizer.json` puts around a single text.
struct PostProcessorReader {
  private(set) var prefix: [TokenID] = []
  private(set) var suffix: [TokenID] = []

  init(_ node: JSONValue?) throws(TokenizerImportError) {
    for step in try StepReader.steps(node, "post_processor", parts: "processors") { try add(step) }
  }

  private mutating func add(_ step: JSONValue) throws(TokenizerImportError) {
    switch step.type {
    case "ByteLevel": break
    case "TemplateProcessing": try addTemplate(step)
    case "BertProcessing", "RobertaProcessing":
      prefix.insert(try pairID(step, "cls"), at: 0)
      suffix.append(try pairID(step, "sep"))
    default:
      throw .unsupported(
        field: "post_processor", found: step.type ?? "of no type",
        supported: "TemplateProcessing, ByteLevel, BertProcessing, RobertaProcessing, Sequence")
    }
  }

  /// `[literal, id]`.
  private func pairID(_ step: JSONValue, _ name: String) throws(TokenizerImportError) -> TokenID {
    guard let pair = step[name]?.elements, pair.count == 2,
      let id = pair[1].integer.flatMap(TokenID.init(exactly:))
    else { throw .missing(field: "post_processor.\(name)") }
    return id
  }

  private mutating func addTemplate(_ step: JSONValue) throws(TokenizerImportError) {
    guard let parts = step["single"]?.elements else { throw .missing(field: "post_processor.single") }
    var (before, after): ([TokenID], [TokenID]) = ([], [])
    var hasText = false
    for part in parts {
      if let name = part["SpecialToken"]?["id"]?.text {
        let ids = try ids(step, name)
        if hasText { after += ids } else { before += ids }
      } else if part["Sequence"]?["id"]?.text == "A", !hasText {
        hasText = true
      } else {
        throw .unsupported(
          field: "post_processor.single", found: "another part", supported: "special tokens around the text")
      }
    }
    guard hasText else { throw .missing(field: "post_processor.single[].Sequence") }
    prefix = before + prefix
    suffix += after
  }

  private func ids(_ step: JSONValue, _ name: String) throws(TokenizerImportError) -> [TokenID] {
    guard let numbers = step["special_tokens"]?[name]?["ids"]?.elements else {
      throw .missing(field: "post_processor.special_tokens.\(name).ids")
    }
    var ids: [TokenID] = []
    for number in numbers {
      guard let id = number.integer.flatMap(TokenID.init(exactly:)) else {
        throw .unexpected(
          field: "post_processor.special_tokens.\(name).ids", found: number.found, expected: "token ids")
      }
      ids.append(id)
    }
    return ids
  }
}
