import JSON
import Tokenizers

/// The normalizer of a `tokenizer.json`.
struct NormalizerReader {
  var steps: [NormalizerStep] = []
  /// Whether the last step spells bytes by GPT-2's printable characters.
  private(set) var spellsBytes = false

  init(_ node: JSONValue?) throws(TokenizerImportError) {
    for step in try StepReader.steps(node, "normalizer", parts: "normalizers") {
      guard !spellsBytes else {
        throw .unsupported(field: "normalizer", found: "ByteLevel before others", supported: "at the end")
      }
      try add(step)
    }
  }

  private mutating func add(_ step: JSONValue) throws(TokenizerImportError) {
    let field = "normalizer"
    switch step.type {
    case "NFC": steps.append(.form(.nfc))
    case "NFD": steps.append(.form(.nfd))
    case "NFKC": steps.append(.form(.nfkc))
    case "NFKD": steps.append(.form(.nfkd))
    case "Lowercase": steps.append(.lowercase)
    case "StripAccents": steps.append(.stripAccents)
    case "Replace":
      steps.append(
        .replace(
          pattern: try StepReader.pattern(step, field), content: try StepReader.text(step, "content", field)))
    case "Prepend": steps.append(.prepend(text: try StepReader.text(step, "prepend", field)))
    case "Strip":
      steps.append(
        .strip(
          left: try StepReader.flag(step, "strip_left", field),
          right: try StepReader.flag(step, "strip_right", field)))
    case "BertNormalizer": try addBert(step)
    case "ByteLevel": spellsBytes = true
    default:
      throw .unsupported(
        field: field, found: step.type ?? "of no type",
        supported: """
          NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Replace, Prepend, Strip, BertNormalizer, ByteLevel, Sequence
          """)
    }
  }

  private mutating func addBert(_ step: JSONValue) throws(TokenizerImportError) {
    let lowercases = try StepReader.flag(step, "lowercase", "normalizer", default: true)
    steps.append(
      .bert(
        cleansText: try StepReader.flag(step, "clean_text", "normalizer", default: true),
        separatesIdeographs: try StepReader.flag(step, "handle_chinese_chars", "normalizer", default: true),
        stripsAccents: try StepReader.flag(step, "strip_accents", "normalizer", default: lowercases),
        lowercases: lowercases))
  }
}
