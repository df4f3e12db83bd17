import Checkpoints
import Tokenizers
import Vocabulary

/// The vocabulary in a GGUF file's metadata; tensors are not looked at.
package struct GGUFVocabulary: Sendable {
  private let fields: GGUFTokenizerFields

  /// - Parameter metadata: That of a `GGUFFile`, or of the first part of a split model.
  package init(_ metadata: [String: GGUFValue]) { fields = GGUFTokenizerFields(metadata) }

  /// The tokenizer that the metadata describes.
  ///
  /// - Throws: ``TokenizerImportError`` where it is of another kind than "llama", "gpt2" with a known pattern, and "bert".
  package func model() throws(TokenizerImportError) -> TokenizerModel {
    let tokens = try fields.tokens()
    var vocabulary = ImportedPieces(pieces: tokens, types: try pieceTypes(count: tokens.count))
    var (header, merging): (TokenizerHeader, TokenizerModel.Merging)
    let kind = try fields.kind()
    switch kind {
    case "llama": (header, merging) = (try sentencepiece(), .scores(try fields.scores()))
    case "gpt2":
      header = try byteLevel()
      merging = try vocabulary.merges(try splitMerges())
      vocabulary.decodeByteLevel()
    case "bert":
      (header, merging) = (try bert(), .ranked([]))
      vocabulary.respellWordPieces()
    default:
      throw .unsupported(
        field: "tokenizer.ggml.model", found: "\"\(kind)\"", supported: "llama, gpt2, bert")
    }
    header.labels = try labels()
    try addRules(to: &header, vocabulary)
    return try TokenizerModel(
      header: header, pieces: vocabulary.pieces, types: vocabulary.types, merging: merging
    ).checked()
  }

  private func sentencepiece() throws(TokenizerImportError) -> TokenizerHeader {
    var header = TokenizerHeader(
      kind: .spmBPE, leadingSpace: try fields.flag("add_space_prefix") ?? true ? .everySegment : .never,
      unknown: try fields.id("unknown_token_id") ?? TokenID(0))
    header.begin = try fields.id("bos_token_id") ?? TokenID(1)
    header.end = try fields.id("eos_token_id") ?? TokenID(2)
    try setAround(&header, addsBegin: true)
    return header
  }

  /// A byte without a token is left out, as llama.cpp and the models' own files have it.
  private func byteLevel() throws(TokenizerImportError) -> TokenizerHeader {
    let rule = try GGUFPattern(try fields.pattern())
    var header = TokenizerHeader(kind: .byteLevelBPE, prefersWholeWords: rule.prefersWholeWords)
    header.splits = rule.steps
    if try fields.flag("add_space_prefix") ?? false {
      header.splits.insert(.byteLevel(addsSpace: true, usesPattern: false), at: 0)
    }
    header.begin = try fields.id("bos_token_id")
    header.end = try fields.id("eos_token_id")
    try setAround(&header, addsBegin: rule.addsBeginToken)
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
    header.unknown = try fields.id("unknown_token_id") ?? TokenID(100)
    header.unknownText = ""
    let classification = try fields.firstID("cls_token_id", "bos_token_id") ?? TokenID(101)
    // llama.cpp writes it with this misspelling.
    let separator =
      try fields.firstID("seperator_token_id", "separator_token_id", "eos_token_id") ?? TokenID(102)
    (header.begin, header.end, header.addsBeginToken) = (classification, separator, true)
    (header.prefix, header.suffix) = ([classification], [separator])
    return header
  }

  private func setAround(_ header: inout TokenizerHeader, addsBegin: Bool) throws(TokenizerImportError) {
    header.addsBeginToken = (try fields.flag("add_bos_token") ?? addsBegin) && header.begin != nil
    header.prefix = header.addsBeginToken ? header.begin.map { [$0] } ?? [] : []
    header.suffix = try fields.flag("add_eos_token") ?? false ? header.end.map { [$0] } ?? [] : []
  }

  /// What llama.cpp knows of models whose files do not say it: Phi-3's tokens swallow white space behind them, and the mask
  /// of some encoders that in front of it.
  private func addRules(
    to header: inout TokenizerHeader, _ vocabulary: ImportedPieces
  ) throws(TokenizerImportError) {
    let name = try fields.modelName().lowercased()
    let isPhi3 = name.contains("phi-3") || name.contains("phi3")
    let isMasked = ["jina-v2-de", "jina-v2-es", "jina-v2-code", "modern-bert"].contains(try fields.pattern())
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
      labels[label] = try fields.id("\(name)_token_id") ?? labels[label]
    }
    return labels
  }

  private func pieceTypes(count: Int) throws(TokenizerImportError) -> [TokenizerModel.PieceType] {
    let codes = try fields.types()
    if codes.isEmpty { return Array(repeating: .normal, count: count) }
    var result: [TokenizerModel.PieceType] = []
    for code in codes {
      guard let type = UInt8(exactly: code).flatMap(TokenizerModel.PieceType.init) else {
        throw .unexpected(field: "tokenizer.ggml.token_type", found: "\(code)", expected: "1 to 6")
      }
      result.append(type)
    }
    guard result.count == count else {
      throw .unexpected(
        field: "tokenizer.ggml.token_type", found: "\(result.count) types", expected: "\(count)")
    }
    return result
  }

  private func splitMerges() throws(TokenizerImportError) -> [(left: [UInt8], right: [UInt8])] {
    var result: [(left: [UInt8], right: [UInt8])] = []
    for (index, merge) in try fields.merges().enumerated() {
      guard let pair = ImportedPieces.splitMerge(merge) else { throw .mergePartUnknown(merge: index) }
      result.append(pair)
    }
    return result
  }
}
