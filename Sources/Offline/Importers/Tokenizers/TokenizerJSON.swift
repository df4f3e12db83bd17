import JSON
import Tokenizers
import Vocabulary

/// Hugging Face's `tokenizer.json`: its normalizer, pre-tokenizer, model, post-processor, decoder and added tokens.
///
/// What would change token ids or texts and is not supported is refused by name, never ignored.
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
    guard let node = root["model"] else { throw .missing(field: "model") }
    var normalizer = try NormalizerReader(root["normalizer"])
    let splits = try PreTokenizerReader(root["pre_tokenizer"])
    guard !(normalizer.spellsBytes && splits.spellsBytes) else {
      throw .unsupported(field: "pre_tokenizer", found: "ByteLevel twice", supported: "once")
    }
    if normalizer.spellsBytes, !splits.steps.isEmpty { normalizer.steps.append(.spellBytes) }
    var added: [AddedTokenReader] = []
    for token in root["added_tokens"]?.elements ?? [] { added.append(try AddedTokenReader(token)) }
    let isByteLevel = normalizer.spellsBytes || splits.spellsBytes
    let model = try ModelReader(node, added: added, isByteLevel: isByteLevel)
    let special = try SpecialTokenReader(root, configuration, model.vocabulary)
    var header = model.header
    (header.normalizer, header.splits) = (normalizer.steps, splits.steps)
    header.decoder = try DecoderReader.steps(
      root["decoder"], isByteLevel: isByteLevel, hasByteTokens: model.vocabulary.types.contains(.byte))
    (header.prefix, header.suffix, header.labels) = (special.prefix, special.suffix, special.labels)
    (header.begin, header.end, header.addsBeginToken) = (special.begin, special.end, special.addsBegin)
    return try TokenizerModel(
      header: header, pieces: model.vocabulary.pieces, types: model.vocabulary.types, merging: model.merging
    ).checked()
  }
}
