import JSON
import Tokenizers
import Vocabulary

/// Hugging Face's `tokenizer.json`, as far as it describes byte pair encoding.
///
/// Read: BPE with byte fallback in both spellings of Llama's (normalizer Prepend/Replace, or pre-tokenizer
/// Metaspace), and byte-level BPE with the patterns of GPT-2, Llama 3 and Qwen 2. Everything else that would
/// change token ids is refused by name, never ignored.
package enum TokenizerJSON {
  /// Reads a whole file.
  ///
  /// - Parameters:
  ///   - json: The bytes of `tokenizer.json`.
  ///   - configuration: `tokenizer_config.json`; what it says about begin and end tokens wins. Without it,
  ///     the begin token is the post-processor's or `<s>`, the end token `</s>`.
  /// - Throws: ``TokenizerImportError``; the result is a model that `Tokenizer` accepts.
  package static func read(
    _ json: [UInt8], configuration: TokenizerConfiguration? = nil
  ) throws(TokenizerImportError) -> TokenizerModel {
    let root = try JSONValue(tokenizerFile: json)
    guard let model = root["model"] else { throw .missing(field: "model") }
    try requireBPE(model)
    let pipeline = try TextPipeline(root)
    var vocabulary = try vocabulary(root, model)
    let unknown = try unknownToken(model, &vocabulary)
    if pipeline.kind == .spmBPE, model["byte_fallback"]?.bool == true { vocabulary.markBytePieces() }
    let merging = try vocabulary.merges(try merges(model))
    let special = try SpecialTokens(root, configuration, vocabulary)
    if pipeline.kind == .byteLevelBPE { vocabulary.decodeByteLevel() }
    let header = TokenizerHeader(
      kind: pipeline.kind, wordSplit: pipeline.wordSplit, leadingSpace: pipeline.leadingSpace,
      addsBeginToken: special.addsBegin, fusesUnknown: model["fuse_unk"]?.bool ?? false,
      prefersWholeWords: model["ignore_merges"]?.bool ?? false, unknown: unknown, begin: special.begin,
      end: special.end)
    return try TokenizerModel(
      header: header, pieces: vocabulary.pieces, types: vocabulary.types, merging: merging
    ).checked()
  }

  private static func requireBPE(_ model: JSONValue) throws(TokenizerImportError) {
    let type = model.type ?? (model["merges"] == nil ? "of no type" : "BPE")
    guard type == "BPE" else { throw .unsupported(field: "model.type", found: type, supported: "BPE") }
    if model["dropout"] != nil { throw .unsupported(field: "model.dropout", found: "set", supported: "null") }
    for field in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = model[field]?.text, !affix.isEmpty {
        throw .unsupported(field: "model.\(field)", found: "\"\(affix)\"", supported: "none")
      }
    }
  }

  /// The model's pieces and the added tokens, which may repeat pieces or follow them.
  private static func vocabulary(_ root: JSONValue, _ model: JSONValue) throws(TokenizerImportError)
    -> ImportedPieces
  {
    guard let members = model["vocab"]?.members else { throw .missing(field: "model.vocab") }
    var entries: [Int: (piece: [UInt8], type: TokenizerModel.PieceType)] = [:]
    entries.reserveCapacity(members.count)
    for member in members {
      guard let id = member.value.integer else {
        throw .unexpected(
          field: "model.vocab", found: "an id that is no whole number", expected: "whole numbers")
      }
      guard entries.updateValue((Array(member.name.utf8), .normal), forKey: id) == nil else {
        throw .duplicateID(id: id)
      }
    }
    for token in root["added_tokens"]?.elements ?? [] {
      guard let id = token["id"]?.integer, let content = token["content"]?.bytes else {
        throw .missing(field: "added_tokens[].id and .content")
      }
      if let known = entries[id], known.piece != content { throw .duplicateID(id: id) }
      for flag in ["single_word", "lstrip", "rstrip"] where token[flag]?.bool == true {
        throw .unsupported(field: "added_tokens[].\(flag)", found: "true for id \(id)", supported: "false")
      }
      entries[id] = (content, token["special"]?.bool == false ? .userDefined : .control)
    }
    var vocabulary = ImportedPieces(pieces: [], types: [])
    for id in 0..<entries.count {
      guard let entry = entries[id] else { throw .missingID(id: id, count: entries.count) }
      vocabulary.pieces.append(entry.piece)
      vocabulary.types.append(entry.type)
    }
    return vocabulary
  }

  private static func unknownToken(
    _ model: JSONValue, _ vocabulary: inout ImportedPieces
  ) throws(TokenizerImportError) -> TokenID? {
    guard let piece = model["unk_token"]?.bytes else { return nil }
    guard let id = vocabulary.pieces.firstIndex(of: piece) else {
      throw .unexpected(field: "model.unk_token", found: "no piece", expected: "a piece of the vocabulary")
    }
    vocabulary.types[id] = .unknown
    return TokenID(Int32(id))
  }

  /// Merges are strings "left right" in older files, pairs in newer ones.
  private static func merges(_ model: JSONValue) throws(TokenizerImportError) -> [(
    left: [UInt8], right: [UInt8]
  )] {
    guard let elements = model["merges"]?.elements else { throw .missing(field: "model.merges") }
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

/// The begin and end tokens, and whether the model expects the first.
private struct SpecialTokens {
  var begin: TokenID?
  var end: TokenID?
  var addsBegin: Bool

  init(
    _ root: JSONValue, _ configuration: TokenizerConfiguration?, _ vocabulary: ImportedPieces
  ) throws(TokenizerImportError) {
    func id(_ literal: String?, _ field: String) throws(TokenizerImportError) -> TokenID? {
      guard let literal else { return nil }
      guard let id = vocabulary.pieces.firstIndex(of: Array(literal.utf8)) else {
        throw .unexpected(field: field, found: "\"\(literal)\"", expected: "a piece of the vocabulary")
      }
      return TokenID(Int32(id))
    }
    func control(_ literal: String) -> TokenID? {
      let id = vocabulary.pieces.firstIndex(of: Array(literal.utf8))
      return id.flatMap { vocabulary.types[$0] == .control ? TokenID(Int32($0)) : nil }
    }
    let template = try id(Self.templateBegin(root["post_processor"]), "post_processor")
    begin = try id(configuration?.beginToken, "bos_token") ?? template ?? control("<s>")
    end = try id(configuration?.endToken, "eos_token") ?? control("</s>")
    addsBegin = configuration?.addsBeginToken ?? (template != nil)
  }

  /// The literal that a template puts in front of a single text.
  private static func templateBegin(_ processor: JSONValue?) -> String? {
    if processor?.type == "Sequence" {
      return processor?["processors"]?.elements?.lazy.compactMap(templateBegin).first
    }
    guard processor?.type == "TemplateProcessing" else { return nil }
    return processor?["single"]?.elements?.first?["SpecialToken"]?["id"]?.text
  }
}
