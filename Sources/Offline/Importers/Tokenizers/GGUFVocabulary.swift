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
  private var fields = GGUFTokenizerFields()

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
      let type = try reader.read("type of \(key)", as: UInt32.self)
      try fields.read(key, type, &reader)
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

  /// The tokenizer that the metadata describes.
  ///
  /// - Throws: ``TokenizerImportError`` where it is of another kind than "llama", "gpt2" with a known pattern, and "bert".
  package func model() throws(TokenizerImportError) -> TokenizerModel {
    var vocabulary = ImportedPieces(pieces: fields.tokens, types: try pieceTypes())
    var (header, merging): (TokenizerHeader, TokenizerModel.Merging)
    switch fields.kind {
    case "llama": (header, merging) = (try sentencepiece(), .scores(fields.scores))
    case "gpt2":
      header = try byteLevel()
      merging = try vocabulary.merges(try splitMerges())
      vocabulary.decodeByteLevel()
    case "bert":
      (header, merging) = (try bert(), .ranked([]))
      vocabulary.respellWordPieces()
    default:
      throw .unsupported(
        field: "tokenizer.ggml.model", found: "\"\(fields.kind)\"", supported: "llama, gpt2, bert")
    }
    header.labels = try labels()
    addRules(to: &header, vocabulary)
    return try TokenizerModel(
      header: header, pieces: vocabulary.pieces, types: vocabulary.types, merging: merging
    ).checked()
  }

  private func sentencepiece() throws(TokenizerImportError) -> TokenizerHeader {
    var header = TokenizerHeader(
      kind: .spmBPE, leadingSpace: fields.flags["add_space_prefix"] ?? true ? .everySegment : .never,
      unknown: try id("unknown_token_id") ?? TokenID(0))
    header.begin = try id("bos_token_id") ?? TokenID(1)
    header.end = try id("eos_token_id") ?? TokenID(2)
    setAround(&header, addsBegin: true)
    return header
  }

  /// A byte without a token is left out, as llama.cpp and the models' own files have it.
  private func byteLevel() throws(TokenizerImportError) -> TokenizerHeader {
    let rule = try GGUFPattern(fields.pattern)
    var header = TokenizerHeader(kind: .byteLevelBPE, prefersWholeWords: rule.prefersWholeWords)
    header.splits = rule.steps
    if fields.flags["add_space_prefix"] ?? false {
      header.splits.insert(.byteLevel(addsSpace: true, usesPattern: false), at: 0)
    }
    header.begin = try id("bos_token_id")
    header.end = try id("eos_token_id")
    setAround(&header, addsBegin: rule.addsBeginToken)
    return header
  }

  /// BERT's own steps, which llama.cpp builds in: the file does not name them.
  private func bert() throws(TokenizerImportError) -> TokenizerHeader {
    var header = TokenizerHeader(kind: .wordPiece)
    header.normalizer = [
      .bert(cleansText: true, separatesIdeographs: true, stripsAccents: true, lowercases: true)
    ]
    header.splits = [.bert]
    header.decoder = [.wordPiece(prefix: "##", cleansUp: true)]
    header.continuingPrefix = "##"
    header.unknown = try id("unknown_token_id") ?? TokenID(100)
    header.unknownText = ""
    let classification = try firstID("cls_token_id", "bos_token_id") ?? TokenID(101)
    // llama.cpp writes it with this misspelling.
    let separator =
      try firstID("seperator_token_id", "separator_token_id", "eos_token_id") ?? TokenID(102)
    (header.begin, header.end, header.addsBeginToken) = (classification, separator, true)
    (header.prefix, header.suffix) = ([classification], [separator])
    return header
  }

  private func setAround(_ header: inout TokenizerHeader, addsBegin: Bool) {
    header.addsBeginToken = (fields.flags["add_bos_token"] ?? addsBegin) && header.begin != nil
    header.prefix = header.addsBeginToken ? header.begin.map { [$0] } ?? [] : []
    header.suffix = fields.flags["add_eos_token"] ?? false ? header.end.map { [$0] } ?? [] : []
  }

  /// What llama.cpp knows of models whose files do not say it: Phi-3's tokens swallow white space behind them, and the mask
  /// of some encoders that in front of it.
  private func addRules(to header: inout TokenizerHeader, _ vocabulary: ImportedPieces) {
    let name = fields.modelName.lowercased()
    let isPhi3 = name.contains("phi-3") || name.contains("phi3")
    let isMasked = ["jina-v2-de", "jina-v2-es", "jina-v2-code", "modern-bert"].contains(fields.pattern)
    guard isPhi3 || isMasked else { return }
    let plain = ["<unk>", "<s>", "<|endoftext|>"].map { Array($0.utf8) }
    for index in vocabulary.pieces.indices {
      guard let id = TokenID(exactly: index) else { return }
      let isAdded = vocabulary.types[index].isSpecial || vocabulary.types[index] == .userDefined
      if isPhi3, isAdded, !plain.contains(vocabulary.pieces[index]) {
        header.addedTokens.append(AddedTokenRule(id: id, stripsRight: true))
      } else if isMasked, vocabulary.pieces[index] == Array("<mask>".utf8) {
        header.addedTokens.append(AddedTokenRule(id: id, stripsLeft: true))
      }
    }
  }

  /// Tokens of structure by our names.
  private func labels() throws(TokenizerImportError) -> [String: TokenID] {
    let names = [
      "eot": "eot", "eom": "eom", "unknown": "unk", "padding": "pad", "seperator": "sep", "separator": "sep",
      "cls": "cls", "mask": "mask", "prefix": "fim_pre", "suffix": "fim_suf", "middle": "fim_mid",
      "fim_pre": "fim_pre", "fim_suf": "fim_suf", "fim_mid": "fim_mid", "fim_pad": "fim_pad",
      "fim_rep": "fim_rep", "fim_sep": "fim_sep",
    ]
    var labels: [String: TokenID] = [:]
    for (name, label) in names.sorted(by: { $0.key < $1.key }) {
      labels[label] = try id("\(name)_token_id") ?? labels[label]
    }
    return labels
  }

  private func pieceTypes() throws(TokenizerImportError) -> [TokenizerModel.PieceType] {
    if fields.types.isEmpty { return fields.tokens.map { _ in .normal } }
    var result: [TokenizerModel.PieceType] = []
    for code in fields.types {
      guard let type = UInt8(exactly: code).flatMap(TokenizerModel.PieceType.init) else {
        throw .unexpected(field: "tokenizer.ggml.token_type", found: "\(code)", expected: "1 to 6")
      }
      result.append(type)
    }
    guard result.count == fields.tokens.count else {
      throw .unexpected(
        field: "tokenizer.ggml.token_type", found: "\(result.count) types", expected: "\(fields.tokens.count)"
      )
    }
    return result
  }

  private func splitMerges() throws(TokenizerImportError) -> [(left: [UInt8], right: [UInt8])] {
    var result: [(left: [UInt8], right: [UInt8])] = []
    for (index, merge) in fields.merges.enumerated() {
      guard let pair = ImportedPieces.splitMerge(merge) else { throw .mergePartUnknown(merge: index) }
      result.append(pair)
    }
    return result
  }

  private func firstID(_ names: String...) throws(TokenizerImportError) -> TokenID? {
    for name in names { if let id = try id(name) { return id } }
    return nil
  }

  private func id(_ name: String) throws(TokenizerImportError) -> TokenID? {
    guard let id = fields.ids[name] else { return nil }
    guard let id = Int(exactly: id).flatMap(TokenID.init(exactly:)) else {
      throw .tooLarge(what: name, found: id, limit: UInt64(Int32.max))
    }
    return id
  }
}
