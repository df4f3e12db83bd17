/// Any JSON value, with integers kept exact and members kept in the order in which they were written.
///
/// Integers never pass through `Double`: a 64-bit seed or a byte count survives unchanged.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number written without fraction or exponent that fits 64 signed bits.
  case integer(Int)
  /// A whole number above `Int.max` that fits 64 unsigned bits.
  case unsigned(UInt64)
  /// Any other number; finite when it was parsed.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// What the value is, in the words of an error message; strings and containers are not quoted back.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The member called `name`, or nil when there is none, it is null, or the value is not an object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let object) = self, let value = object[name], value != .null else { return nil }
    return value
  }

  /// The text of a string value.
  package var stringValue: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The value as a real number, whichever way it was written.
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .number(let value): value
    case .null, .bool, .string, .array, .object: nil
    }
  }

  /// The value as an integer, if it was written as one.
  package var integerValue: Int? {
    guard case .integer(let value) = self else { return nil }
    return value
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(members: elements.map { .init(name: $0.0, value: $0.1) }))
  }
}
