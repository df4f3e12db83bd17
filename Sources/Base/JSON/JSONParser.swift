/// Reads one JSON text (RFC 8259) strictly: valid UTF-8, no duplicate names, no NaN, bounded depth.
///
/// Bytes outside strings must be JSON's own ASCII, and every string is validated as it is copied, so a text
/// that parses is valid UTF-8 throughout. Recursion is bounded by ``JSONLimits/depth``, which is checked before
/// each descent; a line of a million brackets costs 64 frames and an error.
struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  private var depth = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The value that `bytes` spell.
  /// - Throws: ``JSONSyntaxError`` with the offset of the first wrong byte.
  static func parse(_ bytes: [UInt8], limit: Int) throws(JSONSyntaxError) -> JSONValue {
    guard bytes.count <= limit else {
      throw JSONSyntaxError(offset: limit, problem: .tooLong(bytes.count, limit: limit))
    }
    var parser = JSONParser(bytes)
    parser.skipSpace()
    let value = try parser.value()
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error(.trailing) }
    return value
  }

  func error(_ problem: JSONSyntaxError.Problem) -> JSONSyntaxError {
    JSONSyntaxError(offset: position, problem: problem)
  }

  /// The byte at the cursor; 0, which is no JSON outside strings, at the end.
  var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func value() throws(JSONSyntaxError) -> JSONValue {
    switch current {
    case UInt8(ascii: "{"): return .object(try nested { p throws(JSONSyntaxError) in try p.object() })
    case UInt8(ascii: "["): return .array(try nested { p throws(JSONSyntaxError) in try p.array() })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw error(.expected("a value"))
    }
  }

  private mutating func nested<Result>(
    _ body: (inout JSONParser) throws(JSONSyntaxError) -> Result
  ) throws(JSONSyntaxError) -> Result {
    guard depth < JSONLimits.depth else { throw error(.tooDeep) }
    depth += 1
    defer { depth -= 1 }
    position += 1
    skipSpace()
    return try body(&self)
  }

  private mutating func word(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONSyntaxError) -> JSONValue {
    for index in 0..<text.utf8CodeUnitCount {
      guard current == text.utf8Start[index] else { throw error(.expected("'\(text)'")) }
      position += 1
    }
    return value
  }

  private mutating func array() throws(JSONSyntaxError) -> [JSONValue] {
    var elements: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value())
      skipSpace()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw error(.expected("',' or ']'")) }
      skipSpace()
    }
  }

  private mutating func object() throws(JSONSyntaxError) -> JSONObject {
    var members: [JSONObject.Member] = []
    var names: Set<ExactName> = []
    if take(UInt8(ascii: "}")) { return JSONObject() }
    while true {
      guard current == UInt8(ascii: "\"") else { throw error(.expected("a member name in quotes")) }
      let name = try string()
      guard names.insert(ExactName(text: name)).inserted else { throw error(.duplicate) }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error(.expected("':'")) }
      skipSpace()
      members.append(.init(name: name, value: try value()))
      skipSpace()
      if take(UInt8(ascii: "}")) { return JSONObject(members: members) }
      guard take(UInt8(ascii: ",")) else { throw error(.expected("',' or '}'")) }
      skipSpace()
    }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }
}

/// A member name by its bytes: as strings, Greek Ω and the Ohm sign would be one name twice.
private struct ExactName: Hashable {
  let text: String

  static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
