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
  /// `chat_template`, or the one named "default" where there are several.
  package var chatTemplate: String?

  /// - Throws: Where the file is not JSON; fields of other types count as absent.
  package init(parsing json: [UInt8]) throws(TokenizerImportError) {
    let root = try JSONValue(tokenizerFile: json)
    addsBeginToken = root["add_bos_token"]?.bool
    addsEndToken = root["add_eos_token"]?.bool
    beginToken = Self.token(root["bos_token"])
    endToken = Self.token(root["eos_token"])
    for label in ["pad", "sep", "cls", "mask"] { otherTokens[label] = Self.token(root["\(label)_token"]) }
    let templates = root["chat_template"]?.elements ?? []
    chatTemplate =
      root["chat_template"]?.text
      ?? templates.first { $0["name"]?.text == "default" }?["template"]?.text
  }

  /// A token is a string, or an object with its string as "content".
  private static func token(_ node: JSONValue?) -> String? { node?.text ?? node?["content"]?.text }
}
