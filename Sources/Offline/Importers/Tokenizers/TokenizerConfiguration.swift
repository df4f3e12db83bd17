import JSON

/// What `tokenizer_config.json` says beyond `tokenizer.json`; everything may be absent.
package struct TokenizerConfiguration: Sendable, Equatable {
  /// `add_bos_token`, `add_eos_token`.
  package var addsBeginToken: Bool?
  package var addsEndToken: Bool?
  /// `bos_token`.
  package var beginToken: String?
  /// `eos_token`.
  package var endToken: String?
  /// `pad_token` and so on, by what stands before the underscore.
  package var otherTokens: [String: String] = [:]

  /// - Throws: Where the file is not JSON; fields of other types count as absent.
  package init(parsing json: [UInt8]) throws(TokenizerImportError) {
    let root = try JSONValue(tokenizerFile: json)
    addsBeginToken = root["add_bos_token"]?.bool
    addsEndToken = root["add_eos_token"]?.bool
    beginToken = Self.token(root["bos_token"])
    endToken = Self.token(root["eos_token"])
    for label in ["pad", "sep", "cls", "mask"] { otherTokens[label] = Self.token(root["\(label)_token"]) }
  }

  /// A token is a string, or an object with its string as "content".
  private static func token(_ node: JSONValue?) -> String? { node?.text ?? node?["content"]?.text }
}
