/// A message part with one JSON form: the daemon writes it, the client reads it back.
///
/// Readers ignore members they do not know, so a client keeps working with a newer daemon. Requests are the
/// exception: the daemon refuses unknown fields, since ignoring an option changes the answer.
package protocol JSONRepresentable: Sendable {
  var json: JSONValue { get }
  /// - Throws: ``WireError`` with code `bad_request`, naming the member that is missing or wrong.
  init(json: JSONValue) throws(WireError)
}

extension JSONObject {
  /// An object from pairs; nil values are left out.
  init(_ pairs: KeyValuePairs<String, JSONValue?>) {
    self.init(members: pairs.compactMap { name, value in value.map { Member(name: name, value: $0) } })
  }
}

extension JSONValue {
  /// An object from pairs; nil values are left out.
  static func members(_ pairs: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    .object(JSONObject(pairs))
  }

  static func strings(_ texts: [String]) -> JSONValue {
    .array(texts.map { .string($0) })
  }

  /// The number, or nil: JSON cannot spell NaN and infinity.
  static func finite(_ number: Double?) -> JSONValue? {
    guard let number, number.isFinite else { return nil }
    return .number(number)
  }
}

extension Array where Element: JSONRepresentable {
  var json: JSONValue { .array(map(\.json)) }

  init(json elements: [JSONValue]) throws(WireError) {
    self = []
    reserveCapacity(elements.count)
    for element in elements {
      append(try Element(json: element))
    }
  }
}
