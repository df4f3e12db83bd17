import JSON

/// A message part with one JSON form: the daemon writes it, the client reads it back.
///
/// Readers ignore members they do not know, so a client keeps working with a newer daemon. Requests are the
/// exception: the daemon refuses unknown fields, since ignoring an option changes the answer.
package protocol JSONRepresentable: Sendable {
  var json: JSONValue { get }
  /// - Throws: ``WireError`` with code `bad_request`, naming the member that is missing or wrong.
  init(json: JSONValue) throws(WireError)
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
