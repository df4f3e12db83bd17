import JSON
import Vocabulary

/// Reads the members of one object by name, checks each, and remembers which names the reader knows.
///
/// Every error names the member, what was found and what is allowed; values of strings are not quoted back.
struct Fields {
  private let object: JSONObject
  let context: String
  private var known: [String] = []

  /// - Parameter context: What the object is, for messages: `op 'generate'`.
  init(_ object: JSONObject, context: String) {
    self.object = object
    self.context = context
  }

  init(_ value: JSONValue, context: String) throws(WireError) {
    guard case .object(let object) = value else {
      throw WireError(.badRequest, "\(context) must be an object, found \(value.kind)")
    }
    self.init(object, context: context)
  }

  /// The member, with `null` meaning the same as absent.
  mutating func value(_ name: String) -> JSONValue? {
    known.append(name)
    guard let value = object[name], value != .null else { return nil }
    return value
  }

  mutating func string(_ name: String, bytes: ClosedRange<Int>) throws(WireError) -> String? {
    guard let value = value(name) else { return nil }
    guard case .string(let text) = value else { throw mismatch(name, value, "a string") }
    guard bytes.contains(text.utf8.count) else {
      throw WireError(
        .badRequest,
        "'\(name)' has \(text.utf8.count) bytes, allowed are \(bytes.lowerBound)...\(bytes.upperBound)",
        parameter: name)
    }
    return text
  }

  mutating func bool(_ name: String) throws(WireError) -> Bool? {
    guard let value = value(name) else { return nil }
    guard case .bool(let flag) = value else { throw mismatch(name, value, "true or false") }
    return flag
  }

  mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(WireError) -> Int? {
    guard let value = value(name) else { return nil }
    guard case .integer(let number) = value, range.contains(number) else {
      throw mismatch(name, value, "an integer in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  mutating func token(_ name: String) throws(WireError) -> TokenID? {
    try integer(name, in: TokenID.numbers).flatMap { TokenID(exactly: $0) }
  }

  mutating func unsigned(_ name: String) throws(WireError) -> UInt64? {
    guard let value = value(name) else { return nil }
    switch value {
    case .integer(let number) where number >= 0: return UInt64(number)
    case .unsigned(let number): return number
    default: throw mismatch(name, value, "an integer in 0...\(UInt64.max)")
    }
  }

  mutating func number(_ name: String, in range: ClosedRange<Double>) throws(WireError) -> Double? {
    guard let value = value(name) else { return nil }
    guard let number = value.doubleValue, range.contains(number) else {
      throw mismatch(name, value, "a number in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  mutating func array(_ name: String, count: ClosedRange<Int>) throws(WireError) -> [JSONValue]? {
    guard let value = value(name) else { return nil }
    guard case .array(let elements) = value else { throw mismatch(name, value, "an array") }
    guard count.contains(elements.count) else {
      throw WireError(
        .badRequest,
        "'\(name)' has \(elements.count) elements, allowed are \(count.lowerBound)...\(count.upperBound)",
        parameter: name)
    }
    return elements
  }

  mutating func reference(_ name: String) throws(WireError) -> ModelReference? {
    guard let text = try string(name, bytes: 1...ModelReference.maximumBytes) else { return nil }
    guard let reference = ModelReference(text) else {
      throw WireError(.badRequest, "'\(name)' must be \(ModelReference.form)", parameter: name)
    }
    return reference
  }

  mutating func identifier(_ name: String) throws(WireError) -> RequestID? {
    guard let value = value(name) else { return nil }
    guard let id = RequestID(value) else {
      throw mismatch(name, value, "an integer or a string of 1...\(RequestID.maximumBytes) bytes")
    }
    return id
  }

  /// `value`, or an error that says the member is missing.
  func required<Value>(_ value: Value?, _ name: String) throws(WireError) -> Value {
    guard let value else { throw WireError(.badRequest, "\(context) needs '\(name)'", parameter: name) }
    return value
  }

  func mismatch(_ name: String, _ found: JSONValue, _ expected: String) -> WireError {
    WireError(.badRequest, "'\(name)' must be \(expected), found \(found.kind)", parameter: name)
  }

  /// Refuses members that no call has read: a misspelt option must not be ignored.
  func refuseOthers() throws(WireError) {
    guard let stranger = object.members.first(where: { !known.contains($0.name) }) else { return }
    let name = String(stranger.name.prefix(64))
    throw WireError(
      .badRequest, "\(context) has no field '\(name)'; it takes \(known.joined(separator: ", "))",
      parameter: name)
  }
}
