import JSON
import Tokenizers

/// The decoder of a `tokenizer.json`.
enum DecoderReader {
  /// - Parameter isByteLevel: Whether pieces are bytes, which ByteLevel alone turns into text.
  static func steps(
    _ node: JSONValue?, isByteLevel: Bool, hasByteTokens: Bool
  ) throws(TokenizerImportError) -> [DecoderStep] {
    var steps: [DecoderStep] = []
    for step in try StepReader.steps(node, "decoder", parts: "decoders") { steps.append(try read(step)) }
    if steps.isEmpty { steps = [.spaced] }
    guard isByteLevel == steps.contains(.byteLevel), !isByteLevel || steps.count == 1 else {
      throw .unsupported(
        field: "decoder", found: node?.type ?? "null",
        supported: "ByteLevel alone for pieces that are bytes, others for those that are text")
    }
    guard !hasByteTokens || steps.contains(.byteFallback) else {
      throw .unsupported(
        field: "decoder", found: node?.type ?? "null",
        supported: "ByteFallback where model.byte_fallback is true")
    }
    return steps
  }

  private static func read(_ step: JSONValue) throws(TokenizerImportError) -> DecoderStep {
    let field = "decoder"
    switch step.type {
    case "ByteLevel": return .byteLevel
    case "Metaspace":
      return .metaspace(
        marker: step["replacement"]?.text ?? "▁", prepends: try StepReader.scheme(step, field))
    case "WordPiece":
      return .wordPiece(
        prefix: step["prefix"]?.text ?? "##",
        cleansUp: try StepReader.flag(step, "cleanup", field, default: true))
    case "ByteFallback": return .byteFallback
    case "Fuse": return .fuse
    case "Strip":
      return .strip(
        content: try StepReader.text(step, "content", field), left: try count(step, "start"),
        right: try count(step, "stop"))
    case "Replace":
      return .replace(
        pattern: try StepReader.pattern(step, field), content: try StepReader.text(step, "content", field))
    case "BPEDecoder": return .wordEnd(suffix: try StepReader.text(step, "suffix", field))
    default:
      throw .unsupported(
        field: field, found: step.type ?? "of no type",
        supported: "ByteLevel, Metaspace, WordPiece, ByteFallback, Fuse, Strip, Replace, BPEDecoder, Sequence"
      )
    }
  }

  private static func count(_ step: JSONValue, _ name: String) throws(TokenizerImportError) -> Int {
    guard let count = step[name]?.integer, (0...1 << 20).contains(count) else {
      throw .unexpected(
        field: "decoder.\(name)", found: step[name]?.found ?? "nothing", expected: "a small count")
    }
    return count
  }
}
