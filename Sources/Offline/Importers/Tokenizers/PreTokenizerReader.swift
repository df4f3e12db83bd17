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
    let field = "pre_tokenizer"
    switch step.type {
    case "Split":
      steps.append(
        .split(
          pattern: try StepReader.pattern(step, field), behavior: try StepReader.behavior(step, field),
          inverted: try StepReader.flag(step, "invert", field, default: false)))
    case "Digits":
      steps.append(
        .digits(individually: try StepReader.flag(step, "individual_digits", field, default: false)))
    case "ByteLevel":
      guard !spellsBytes else {
        throw .unsupported(field: field, found: "ByteLevel twice", supported: "once")
      }
      spellsBytes = true
      steps.append(
        .byteLevel(
          addsSpace: try StepReader.flag(step, "add_prefix_space", field, default: true),
          usesPattern: try StepReader.flag(step, "use_regex", field, default: true)))
    case "Metaspace":
      steps.append(
        .metaspace(
          marker: step["replacement"]?.text ?? "▁", prepends: try StepReader.scheme(step, field),
          splits: try StepReader.flag(step, "split", field, default: true)))
    case "Whitespace": steps.append(.words)
    case "WhitespaceSplit": steps.append(.whitespace)
    case "Punctuation":
      steps.append(.punctuation(behavior: try StepReader.behavior(step, field, default: .isolated)))
    case "BertPreTokenizer": steps.append(.bert)
    case "CharDelimiterSplit":
      let delimiter = TextPattern.literal(text: try StepReader.text(step, "delimiter", field))
      steps.append(.split(pattern: delimiter, behavior: .removed, inverted: false))
    default:
      throw .unsupported(
        field: field, found: step.type ?? "of no type",
        supported: """
          Split, Digits, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, Punctuation, BertPreTokenizer, \
          CharDelimiterSplit, Sequence
          """)
    }
  }
}
