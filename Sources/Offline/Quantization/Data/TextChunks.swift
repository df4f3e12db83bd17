import Checkpoints
import Tokenizers

/// A text cut into token sequences for calibration and scoring.
///
/// The whole text is tokenized without a begin token; the first `limit` ids are cut into chunks of `length`, and the begin
/// token, where the model has one, goes before each. Every id of a chunk is scored.
package struct TextChunks: Sendable {
  package let name: String
  /// Each begins with the begin token, or with the token before the first scored one.
  package let chunks: [[Int]]

  package static let standardLimit = 2_000
  package static let standardLength = 250

  package static func open(
    path: String, tokenizer: Tokenizer, begin: Int?, limit: Int = standardLimit, length: Int = standardLength
  ) throws -> TextChunks {
    let file = try MappedFile(path: path)
    guard let text = withExtendedLifetime(file, { String(validating: file.bytes, as: UTF8.self) }) else {
      throw QuantizationError.badData(path: path, reason: "not UTF-8 text.")
    }
    return try cut(text, from: path, tokenizer: tokenizer, begin: begin, limit: limit, length: length)
  }

  /// - Parameter path: Where the text is from, for errors and records.
  package static func cut(
    _ text: String, from path: String, tokenizer: Tokenizer, begin: Int?, limit: Int, length: Int
  ) throws -> TextChunks {
    guard length > 0 else {
      throw QuantizationError.badData(
        path: path, reason: "a model with a context of one token has nothing to predict in a text.")
    }
    let ids = tokenizer.encode(text).prefix(limit).map { Int($0.rawValue) }
    guard ids.count > 1 else {
      throw QuantizationError.badData(path: path, reason: "fewer than two tokens of text.")
    }
    let chunks = stride(from: 0, to: ids.count, by: length).map { start in
      (begin.map { [$0] } ?? []) + ids[start..<min(start + length, ids.count)]
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let scored = chunks.filter { $0.count > 1 }
    guard !scored.isEmpty else {
      throw QuantizationError.badData(
        path: path,
        reason: "a model without a begin token and with so short a context predicts no token of it.")
    }
    return TextChunks(name: name, chunks: scored)
  }
}
