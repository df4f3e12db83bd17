extension JSONObject {
  /// An object from pairs; nil values are left out.
  package init(_ pairs: KeyValuePairs<String, JSONValue?>) {
    self.init(members: pairs.compactMap { name, value in value.map { Member(name: name, value: $0) } })
  }
}

extension JSONValue {
  /// An object from pairs; nil values are left out.
  package static func members(_ pairs: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    .object(JSONObject(pairs))
  }

  package static func strings(_ texts: [String]) -> JSONValue {
    .array(texts.map { .string($0) })
  }

  /// The number, or nil: JSON cannot spell NaN and infinity.
  package static func finite(_ number: Double?) -> JSONValue? {
    guard let number, number.isFinite else { return nil }
    return .number(number)
  }
}
