import Checkpoints
import Vocabulary

/// What a GGUF file's metadata says about its tokenizer, by what follows `tokenizer.ggml.`.
///
/// What is there and of another kind than it should be is an error, never passed over.
struct GGUFTokenizerFields: Sendable {
  private static let prefix = "tokenizer.ggml."

  private let metadata: [String: GGUFValue]

  init(_ metadata: [String: GGUFValue]) { self.metadata = metadata }

  /// `model`: "llama" (sentencepiece BPE), "gpt2" (byte-level BPE), "bert" (WordPiece) and others.
  func kind() throws(TokenizerImportError) -> String { try text(Self.prefix + "model") }
  /// `pre`: the name of the pattern that cuts words.
  func pattern() throws(TokenizerImportError) -> String { try text(Self.prefix + "pre") }
  func modelName() throws(TokenizerImportError) -> String { try text("general.name") }

  func tokens() throws(TokenizerImportError) -> [[UInt8]] { try array("tokens", "strings") { $0.strings } }
  /// "left right", first merge first.
  func merges() throws(TokenizerImportError) -> [[UInt8]] { try array("merges", "strings") { $0.strings } }
  func scores() throws(TokenizerImportError) -> [Float] {
    try array("scores", "numbers") { $0.numbers?.map { Float($0) } }
  }
  /// GGUF's numbers; see `TokenizerModel.PieceType`.
  func types() throws(TokenizerImportError) -> [Int] {
    try array("token_type", "whole numbers") { $0.integers }
  }

  func flag(_ name: String) throws(TokenizerImportError) -> Bool? {
    guard let value = metadata[Self.prefix + name] else { return nil }
    guard let flag = value.flag else { throw wrong(Self.prefix + name, value, "true or false") }
    return flag
  }

  func id(_ name: String) throws(TokenizerImportError) -> TokenID? {
    guard let value = metadata[Self.prefix + name] else { return nil }
    guard let id = value.integer.flatMap(TokenID.init(exactly:)), id.rawValue >= 0 else {
      throw wrong(Self.prefix + name, value, "the number of a token")
    }
    return id
  }

  /// The first of several ids that is there.
  func firstID(_ names: String...) throws(TokenizerImportError) -> TokenID? {
    for name in names { if let id = try id(name) { return id } }
    return nil
  }

  /// Empty where there is none.
  private func text(_ key: String) throws(TokenizerImportError) -> String {
    guard let value = metadata[key] else { return "" }
    guard let text = value.text else { throw wrong(key, value, "a string") }
    return text
  }

  /// Empty where there is none.
  private func array<Element>(
    _ name: String, _ expected: String, _ read: (GGUFArray) -> [Element]?
  ) throws(TokenizerImportError) -> [Element] {
    guard let value = metadata[Self.prefix + name] else { return [] }
    guard let elements = value.array.flatMap(read) else {
      throw wrong(Self.prefix + name, value, "an array of \(expected)")
    }
    return elements
  }

  private func wrong(_ key: String, _ value: GGUFValue, _ expected: String) -> TokenizerImportError {
    .unexpected(field: key, found: value.found, expected: expected)
  }
}
