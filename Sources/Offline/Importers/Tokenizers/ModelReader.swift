import JSON
import Tokenizers
import Vocabulary

/// The model of a `tokenizer.json`: vocabulary, merges or scores, and their settings.
struct ModelReader {
  var vocabulary = ImportedPieces(pieces: [], types: [])
  private(set) var merging = TokenizerModel.Merging.ranked([])
  var header: TokenizerHeader

  /// - Parameters:
  ///   - added: `added_tokens`.
  ///   - isByteLevel: Whether the steps before the model spell bytes.
  init(_ node: JSONValue, added: [AddedTokenReader], isByteLevel: Bool) throws(TokenizerImportError) {
    header = TokenizerHeader(kind: isByteLevel ? .byteLevelBPE : .spmBPE)
    header.addedTokens = added.compactMap(\.rule)
    // Files of before 0.8 do not name their model.
    switch node.type ?? (node["merges"] == nil ? "of no type" : "BPE") {
    case "BPE": try readBPE(node, added)
    case let type where isByteLevel:
      throw .unsupported(field: "model.type", found: "\(type) behind ByteLevel", supported: "BPE there")
    case "WordPiece": try readWordPiece(node, added)
    case "Unigram": try readUnigram(node, added)
    case let type:
      throw .unsupported(field: "model.type", found: type, supported: "BPE, WordPiece, Unigram")
    }
    if isByteLevel { vocabulary.decodeByteLevel() }
  }

  private mutating func readBPE(
    _ node: JSONValue, _ added: [AddedTokenReader]
  ) throws(TokenizerImportError) {
    if node["dropout"] != nil { throw .unsupported(field: "model.dropout", found: "set", supported: "null") }
    try readVocabulary(node, added)
    header.continuingPrefix = node["continuing_subword_prefix"]?.text ?? ""
    header.wordSuffix = node["end_of_word_suffix"]?.text ?? ""
    guard header.kind == .spmBPE || header.continuingPrefix.isEmpty && header.wordSuffix.isEmpty else {
      throw .unsupported(
        field: "model.end_of_word_suffix", found: "an affix with ByteLevel", supported: "none there")
    }
    header.fusesUnknown = try StepReader.flag(node, "fuse_unk", "model", default: false)
    header.prefersWholeWords = try StepReader.flag(node, "ignore_merges", "model", default: false)
    if try StepReader.flag(node, "byte_fallback", "model", default: false), header.kind == .spmBPE {
      vocabulary.markBytePieces()
    }
    try readUnknown(node["unk_token"]?.bytes)
    merging = try vocabulary.merges(try Self.merges(node))
  }

  private mutating func readWordPiece(
    _ node: JSONValue, _ added: [AddedTokenReader]
  ) throws(TokenizerImportError) {
    header.kind = .wordPiece
    try readVocabulary(node, added)
    header.continuingPrefix = node["continuing_subword_prefix"]?.text ?? "##"
    header.longestWord = node["max_input_chars_per_word"]?.integer ?? 100
    guard node["unk_token"] != nil else { throw .missing(field: "model.unk_token") }
    try readUnknown(node["unk_token"]?.bytes)
  }

  private mutating func readUnigram(
    _ node: JSONValue, _ added: [AddedTokenReader]
  ) throws(TokenizerImportError) {
    header.kind = .unigram
    guard let elements = node["vocab"]?.elements else { throw .missing(field: "model.vocab") }
    var entries = PieceEntries()
    var scores: [Double] = []
    for (id, element) in elements.enumerated() {
      guard let pair = element.elements, pair.count == 2, let piece = pair[0].bytes,
        let score = pair[1].number
      else {
        throw .unexpected(
          field: "model.vocab[\(id)]", found: element.found, expected: "a piece and its score")
      }
      try entries.insert(id, piece)
      scores.append(score)
    }
    try finish(&entries, added)
    scores += repeatElement(0, count: max(0, vocabulary.pieces.count - scores.count))
    merging = .logProbabilities(scores)
    if try StepReader.flag(node, "byte_fallback", "model", default: false) { vocabulary.markBytePieces() }
    guard let unknown = node["unk_id"]?.integer, vocabulary.pieces.indices.contains(unknown) else {
      throw .missing(field: "model.unk_id")
    }
    try readUnknown(vocabulary.pieces[unknown])
  }

  /// An added token that is special reads as nothing, as other special tokens do.
  private mutating func readUnknown(_ piece: [UInt8]?) throws(TokenizerImportError) {
    guard let piece else { return }
    guard let id = vocabulary.pieces.firstIndex(of: piece) else {
      throw .unexpected(field: "model.unk_token", found: "no piece", expected: "a piece of the vocabulary")
    }
    header.unknown = TokenID(exactly: id)
    header.unknownText = vocabulary.types[id] == .control ? "" : String(decoding: piece, as: UTF8.self)
    if vocabulary.types[id] == .control { vocabulary.types[id] = .unknown }
  }

  private mutating func readVocabulary(
    _ node: JSONValue, _ added: [AddedTokenReader]
  ) throws(TokenizerImportError) {
    guard let members = node["vocab"]?.members else { throw .missing(field: "model.vocab") }
    var entries = PieceEntries()
    for member in members {
      guard let id = member.value.integer else {
        throw .unexpected(
          field: "model.vocab", found: "an id that is no whole number", expected: "whole numbers")
      }
      try entries.insert(id, Array(member.name.utf8))
    }
    try finish(&entries, added)
  }

  private mutating func finish(
    _ entries: inout PieceEntries, _ added: [AddedTokenReader]
  ) throws(TokenizerImportError) {
    let count = entries.count
    for token in added { try entries.add(token) }
    vocabulary = try entries.pieces()
    header.addedFrom = vocabulary.pieces.count > count ? count : nil
  }

  /// Merges are strings "left right" in older files, pairs in newer ones.
  private static func merges(_ node: JSONValue) throws(TokenizerImportError) -> [(
    left: [UInt8], right: [UInt8]
  )] {
    guard let elements = node["merges"]?.elements else { throw .missing(field: "model.merges") }
    var merges: [(left: [UInt8], right: [UInt8])] = []
    merges.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      if let text = element.bytes, let merge = ImportedPieces.splitMerge(text) {
        merges.append(merge)
      } else if let pair = element.elements, pair.count == 2, let left = pair[0].bytes,
        let right = pair[1].bytes
      {
        merges.append((left, right))
      } else {
        throw .unexpected(
          field: "model.merges[\(index)]", found: "neither", expected: "\"left right\" or a pair")
      }
    }
    return merges
  }
}
