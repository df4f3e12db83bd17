import JSON
import Tokenizers

/// The pre-tokenizer of a `tokenizer.json`.
struct PreTokenizerReader {
  private(set) var steps: [SplitStep] = []
  /// Whether a step spells bytes by GPT-2's printable characters.
  private(set) var spellsBytes = false

  init(_ node: JSONValue?) throws(TokenizerImportError) {
    for step in try StepReader.steps(node, "pre_tokenizer", parts: "pretokenizers") {
      // What stands behind ByteLevel sees its characters; nothing else does.
      if spellsBytes, !steps.contains(.spellBytes) { steps.append(.spellBytes) }
      try add(step)
    }
  }

  private mutating func add(_ step: JSONValue) throws(TokenizerImportError) {
    if step.type == "ByteLevel" {
      guard !spellsBytes else {
        throw .unsupported(field: Self.field, found: "ByteLevel twice", supported: "once")
      }
      spellsBytes = true
    }
    steps.append(try Self.step(step))
  }

  private static let field = "pre_tokenizer"

  private static func step(_ step: JSONValue) throws(TokenizerImportError) -> SplitStep {
    switch step.type {
    case "Split": return try split(step)
    case "Digits": return .digits(individually: try flag(step, "individual_digits", default: false))
    case "ByteLevel":
      return .byteLevel(
        addsSpace: try flag(step, "add_prefix_space", default: true),
        usesPattern: try flag(step, "use_regex", default: true))
    case "Metaspace": return try metaspace(step)
    case "Whitespace": return .words
    case "WhitespaceSplit": return .whitespace
    case "Punctuation":
      return .punctuation(behavior: try StepReader.behavior(step, field, default: .isolated))
    case "BertPreTokenizer": return .bert
    case "CharDelimiterSplit":
      let delimiter = TextPattern.literal(text: try StepReader.text(step, "delimiter", field))
      return .split(pattern: delimiter, behavior: .removed, inverted: false)
    default: throw .unsupported(field: field, found: step.type ?? "of no type", supported: supported)
    }
  }

  private static let supported = """
    Split, Digits, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, Punctuation, BertPreTokenizer, \
    CharDelimiterSplit, Sequence
    """

  private static func split(_ step: JSONValue) throws(TokenizerImportError) -> SplitStep {
    .split(
      pattern: try StepReader.pattern(step, field), behavior: try StepReader.behavior(step, field),
      inverted: try flag(step, "invert", default: false))
  }

  private static func metaspace(_ step: JSONValue) throws(TokenizerImportError) -> SplitStep {
    .metaspace(
      marker: step["replacement"]?.text ?? "▁", prepends: try StepReader.scheme(step, field),
      splits: try flag(step, "split", default: true))
  }

  private static func flag(
    _ step: JSONValue, _ name: String, default value: Bool
  ) throws(TokenizerImportError) -> Bool {
    try StepReader.flag(step, name, field, default: value)
  }
}
