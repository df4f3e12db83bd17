import JSON

/// Short ways to ask a value of a foreign file for what is expected there; nil means that it is something else.
extension JSONValue {
  var text: String? { stringValue }
  var bytes: [UInt8]? { stringValue.map { Array($0.utf8) } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var integer: Int? { integerValue }
  var number: Double? { doubleValue }
  var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  var members: [JSONObject.Member]? { if case .object(let object) = self { object.members } else { nil } }

  /// The member "type", by which the parts of a tokenizer are told apart.
  var type: String? { self["type"]?.text }

  /// A class name: authors write strings and numbers.
  var label: String? {
    switch self {
    case .string(let text): text
    case .integer, .unsigned, .number: String(decoding: encoded(), as: UTF8.self)
    case .null, .bool, .array, .object: nil
    }
  }

  /// What the value is, in an error: scalars are quoted, as they may be a setting that is not supported.
  var found: String { text ?? kind }
}

extension JSONValue {
  /// Reads `tokenizer.json` or `tokenizer_config.json`.
  init(tokenizerFile bytes: [UInt8]) throws(TokenizerImportError) {
    do {
      try self.init(parsing: bytes, limit: JSONLimits.fileBytes)
    } catch {
      throw .malformedJSON(error)
    }
  }
}
