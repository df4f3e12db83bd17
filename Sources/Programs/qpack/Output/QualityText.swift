import Packs
import Vocabulary

/// A quality entry as lines of text.
enum QualityText {
  static func lines(_ entry: QualityRecord.Entry) -> [String] {
    let percent = { (value: Double) in decimals(100 * value, 2) + " %" }
    let figures: [(String, String?)] = [
      ("top-1", entry.top1.map(percent)), ("top-1, float32", entry.top1Reference.map(percent)),
      ("same first guess", entry.agreement.map(percent)),
      ("nats per token", entry.nll.map { decimals($0, 4) }),
      ("nats, float32", entry.nllReference.map { decimals($0, 4) }),
      ("perplexity ratio", entry.perplexityRatio.map { decimals($0, 4) }),
      ("KL, nats", entry.kl.map { decimals($0, 5) }),
    ]
    let unit = entry.kind == .image ? "images" : "tokens"
    return ["\(entry.data.oneLine), \(entry.count) \(unit)"]
      + figures.compactMap { name, value in value.map { "  \(name.padded(to: 18)) \($0)" } }
  }
}
