/// Hands a parsed value to types that are `Decodable`; a value by itself, or the members of an object or array.
struct ValueDecoder: Decoder {
  let value: JSONValue
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let object) = value else { throw mismatch([String: JSONValue].self, "an object") }
    return KeyedDecodingContainer(ObjectContainer(object, codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw mismatch([JSONValue].self, "an array") }
    return ArrayContainer(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  /// The error that something else than `expected` stands here.
  func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
    let context = DecodingError.Context(
      codingPath: codingPath, debugDescription: "expected \(expected), found \(value.kind)")
    return value == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }
}

extension ValueDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let value) = value else { throw mismatch(type, "true or false") }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .string(let value) = value else { throw mismatch(type, "a string") }
    return value
  }

  /// A whole number, also one that is written as `1.0`.
  func decode<Number: Decodable & FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let number: Number? =
      switch value {
      case .integer(let value): Number(exactly: value)
      case .unsigned(let value): Number(exactly: value)
      case .number(let value): Number(exactly: value)
      case .null, .bool, .string, .array, .object: nil
      }
    guard let number else { throw mismatch(type, "an integer of \(Number.bitWidth) bits") }
    return number
  }

  func decode<Number: Decodable & BinaryFloatingPoint>(_ type: Number.Type) throws -> Number {
    guard let number = value.doubleValue.map(Number.init), number.isFinite else {
      throw mismatch(type, "a number in the range of \(type)")
    }
    return number
  }

  func decode<Other: Decodable>(_ type: Other.Type) throws -> Other { try Other(from: self) }
}
