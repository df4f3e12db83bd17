import JSON
import Tokenizers

/// What a `tokenizer.json` does to text before merging, from its normalizer and pre-tokenizer.
struct TextPipeline: Equatable {
  var kind = TokenizerModel.Kind.spmBPE
  var wordSplit = TokenizerModel.WordSplit.none
  var leadingSpace = TokenizerModel.LeadingSpace.never
  private var marksSpaces = false

  init(_ root: JSONValue) throws(TokenizerImportError) {
    let steps = Self.steps(root["pre_tokenizer"], "pretokenizers")
    for step in Self.steps(root["normalizer"], "normalizers") { try applyNormalizer(step) }
    if steps.contains(where: { $0.type == "ByteLevel" }) {
      try applyByteLevel(steps)
    } else {
      for step in steps { try applyMetaspace(step) }
      guard marksSpaces else {
        throw .unsupported(
          field: "pre_tokenizer", found: steps.first?.type ?? "null", supported: "Metaspace, ByteLevel")
      }
    }
  }

  /// A Sequence is its parts; anything else is one step.
  private static func steps(_ node: JSONValue?, _ parts: String) -> [JSONValue] {
    guard let node else { return [] }
    return node.type == "Sequence" ? node[parts]?.elements ?? [] : [node]
  }

  private mutating func applyNormalizer(_ step: JSONValue) throws(TokenizerImportError) {
    switch step.type {
    case "Prepend" where step["prepend"]?.bytes == metaspace: leadingSpace = .everySegment
    case "Replace" where step["pattern"]?["String"]?.text == " " && step["content"]?.bytes == metaspace:
      marksSpaces = true
    default:
      throw .unsupported(
        field: "normalizer", found: step.type ?? "of no type", supported: "Prepend ▁, Replace \" \" by ▁")
    }
  }

  private mutating func applyMetaspace(_ step: JSONValue) throws(TokenizerImportError) {
    guard step.type == "Metaspace", step["replacement"]?.bytes ?? metaspace == metaspace else {
      throw .unsupported(
        field: "pre_tokenizer", found: step.type ?? "of no type", supported: "Metaspace, ByteLevel")
    }
    marksSpaces = true
    if step["split"]?.bool ?? true { wordSplit = .metaspace }
    // Files from before prepend_scheme say add_prefix_space.
    let scheme =
      step["prepend_scheme"]?.text ?? (step["add_prefix_space"]?.bool == false ? "never" : "always")
    switch scheme {
    case "first": leadingSpace = leadingSpace == .never ? .firstSegmentUnlessSpaced : leadingSpace
    case "always": leadingSpace = leadingSpace == .never ? .everySegmentUnlessSpaced : leadingSpace
    case "never": break
    default: throw .unsupported(field: "prepend_scheme", found: scheme, supported: "first, always, never")
    }
  }

  /// ByteLevel alone cuts by GPT-2's pattern; behind a Split it only spells bytes.
  private mutating func applyByteLevel(_ steps: [JSONValue]) throws(TokenizerImportError) {
    guard !marksSpaces, leadingSpace == .never else {
      throw .unsupported(field: "normalizer", found: "▁ before ByteLevel", supported: "null")
    }
    kind = .byteLevelBPE
    let byteLevel = steps[steps.count - 1]
    let addsSpace = byteLevel["add_prefix_space"]?.bool ?? true
    let usesPattern = byteLevel["use_regex"]?.bool ?? true
    guard byteLevel.type == "ByteLevel", steps.count <= 2, steps.count == 1 || !(usesPattern || addsSpace)
    else {
      let found = steps.map { $0.type ?? "of no type" }.joined(separator: ", ")
      throw .unsupported(
        field: "pre_tokenizer", found: found, supported: "ByteLevel; or Split, then plain ByteLevel")
    }
    if addsSpace { leadingSpace = .everySegmentUnlessSpaced }
    wordSplit = usesPattern ? .gpt2 : .none
    if steps.count == 2 { wordSplit = try Self.pattern(of: steps[0]) }
  }

  private static func pattern(of step: JSONValue) throws(TokenizerImportError) -> TokenizerModel.WordSplit {
    let pattern = step["pattern"]?["Regex"]?.text ?? ""
    guard step.type == "Split", step["behavior"]?.text == "Isolated", step["invert"]?.bool != true,
      let split = patterns[pattern]
    else {
      throw .unsupported(
        field: "pre_tokenizer", found: "\(step.type ?? "of no type") \(pattern)",
        supported: "Split, Isolated, by the pattern of GPT-2, Llama 3 or Qwen 2")
    }
    return split
  }

  private static let patterns: [String: TokenizerModel.WordSplit] = {
    let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
    let rest = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    return [
      #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
      #"\#(contractions)|\p{N}{1,3}\#(rest)"#: .llama3,
      #"\#(contractions)|\p{N}\#(rest)"#: .singleDigits,
    ]
  }()
}
