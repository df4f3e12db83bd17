import Tokenizers
import Vocabulary

/// The vocabulary in a GGUF file's metadata; tensors are not looked at.
///
///     offset 0   4 bytes "GGUF"
///     4          uint32  version (2 or 3)
///     8          uint64  number of tensors
///     16         uint64  number of metadata entries
///     24         entries: string key, uint32 type, value
///
/// A string is uint64 n and n bytes; an array is uint32 type, uint64 n and n values. Little-endian.
package struct GGUFVocabulary: Sendable {
  /// `tokenizer.ggml.model`: "llama" (sentencepiece BPE), "gpt2" (byte-level BPE) and others.
  package private(set) var kind = ""
  /// `tokenizer.ggml.pre`: the name of the pattern that cuts words.
  package private(set) var pattern = ""
  package private(set) var tokens: [[UInt8]] = []
  package private(set) var scores: [Float] = []
  /// GGUF's numbers; see `TokenizerModel.PieceType`.
  package private(set) var types: [Int32] = []
  /// "left right", first merge first.
  package private(set) var merges: [[UInt8]] = []
  private var ids: [String: UInt64] = [:]
  private var flags: [String: Bool] = [:]

  /// Reads the metadata of a file (or of its beginning, if that holds all of it).
  ///
  /// - Throws: ``TokenizerImportError`` where lengths run past the end; nothing is allocated for more entries
  ///   than the remaining bytes can hold.
  package init(reading bytes: UnsafeRawBufferPointer) throws(TokenizerImportError) {
    var reader = LittleEndianReader(bytes)
    guard bytes.starts(with: "GGUF".utf8) else { throw .notGGUF }
    try reader.skip(4, "magic")
    guard (2...3).contains(try reader.read("version", as: UInt32.self)) else { throw .notGGUF }
    try reader.skip(8, "number of tensors")
    let count = try reader.read("number of entries", as: UInt64.self)
    try reader.checkCount(count, "number of entries", elementSize: 13)
    for _ in 0..<count {
      let key = String(decoding: try reader.string("key"), as: UTF8.self)
      try readValue(of: key, &reader)
    }
  }

  package init(reading bytes: [UInt8]) throws(TokenizerImportError) {
    let result: Result<Self, TokenizerImportError> = bytes.withUnsafeBytes { raw in
      do throws(TokenizerImportError) { return .success(try Self(reading: raw)) } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }

  private mutating func readValue(
    of key: String, _ reader: inout LittleEndianReader
  ) throws(TokenizerImportError) {
    let type = try reader.read("type of \(key)", as: UInt32.self)
    switch (key, type) {
    case ("tokenizer.ggml.model", GGUFType.string):
      kind = String(decoding: try reader.string(key), as: UTF8.self)
    case ("tokenizer.ggml.pre", GGUFType.string):
      pattern = String(decoding: try reader.string(key), as: UTF8.self)
    case ("tokenizer.ggml.tokens", GGUFType.array): tokens = try reader.strings(key)
    case ("tokenizer.ggml.merges", GGUFType.array): merges = try reader.strings(key)
    case ("tokenizer.ggml.scores", GGUFType.array):
      scores = try reader.words(key, type: GGUFType.float32).map(Float.init(bitPattern:))
    case ("tokenizer.ggml.token_type", GGUFType.array):
      types = try reader.words(key, type: GGUFType.int32).map(Int32.init(bitPattern:))
    case (_, GGUFType.uint32) where key.hasPrefix("tokenizer.ggml."):
      ids[key] = UInt64(try reader.read(key, as: UInt32.self))
    case (_, GGUFType.bool) where key.hasPrefix("tokenizer.ggml."):
      flags[key] = try reader.read(key, as: UInt8.self) != 0
    default: try reader.skipValue(type, key, depth: 0)
    }
  }

  /// The tokenizer that the metadata describes.
  ///
  /// - Throws: ``TokenizerImportError`` where it is neither "llama" nor "gpt2" with a known pattern.
  package func model() throws(TokenizerImportError) -> TokenizerModel {
    var vocabulary = ImportedPieces(pieces: tokens, types: try pieceTypes())
    var header: TokenizerHeader
    let merging: TokenizerModel.Merging
    switch kind {
    case "llama":
      merging = .scores(scores)
      header = TokenizerHeader(
        kind: .spmBPE, leadingSpace: flag("add_space_prefix") ?? true ? .everySegment : .never,
        addsBeginToken: flag("add_bos_token") ?? true)
      header.unknown = try id("unknown_token_id") ?? TokenID(0)
      header.begin = try id("bos_token_id") ?? TokenID(1)
      header.end = try id("eos_token_id") ?? TokenID(2)
    case "gpt2":
      merging = try vocabulary.merges(try splitMerges())
      vocabulary.decodeByteLevel()
      let rule = try GGUFPattern(pattern)
      header = TokenizerHeader(kind: .byteLevelBPE)
      header.splits = rule.steps
      header.addsBeginToken = flag("add_bos_token") ?? rule.addsBeginToken
      header.prefersWholeWords = rule.prefersWholeWords
      header.unknown = try id("unknown_token_id")
      header.begin = try id("bos_token_id")
      header.end = try id("eos_token_id")
    default:
      throw .unsupported(field: "tokenizer.ggml.model", found: "\"\(kind)\"", supported: "llama, gpt2")
    }
    return try TokenizerModel(
      header: header, pieces: vocabulary.pieces, types: vocabulary.types, merging: merging
    ).checked()
  }

  private func pieceTypes() throws(TokenizerImportError) -> [TokenizerModel.PieceType] {
    if types.isEmpty { return tokens.map { _ in .normal } }
    var result: [TokenizerModel.PieceType] = []
    for code in types {
      guard let type = UInt8(exactly: code).flatMap(TokenizerModel.PieceType.init) else {
        throw .unexpected(field: "tokenizer.ggml.token_type", found: "\(code)", expected: "1 to 6")
      }
      result.append(type)
    }
    guard result.count == tokens.count else {
      throw .unexpected(
        field: "tokenizer.ggml.token_type", found: "\(result.count) types", expected: "\(tokens.count)")
    }
    return result
  }

  private func splitMerges() throws(TokenizerImportError) -> [(left: [UInt8], right: [UInt8])] {
    var result: [(left: [UInt8], right: [UInt8])] = []
    for (index, merge) in merges.enumerated() {
      guard let pair = ImportedPieces.splitMerge(merge) else { throw .mergePartUnknown(merge: index) }
      result.append(pair)
    }
    return result
  }

  private func flag(_ name: String) -> Bool? { flags["tokenizer.ggml.\(name)"] }

  private func id(_ name: String) throws(TokenizerImportError) -> TokenID? {
    guard let id = ids["tokenizer.ggml.\(name)"] else { return nil }
    guard let id = Int32(exactly: id) else {
      throw .tooLarge(what: name, found: id, limit: UInt64(Int32.max))
    }
    return TokenID(id)
  }
}
