/// A JSON value with strings as bytes.
///
/// `JSONDecoder` keeps object members in dictionaries keyed by Swift strings, which compare by canonical
/// equivalence: of two pieces such as Greek Ω and the Ohm sign it would lose one. Llama 2's vocabulary has
/// six such pairs.
enum JSONNode: Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string([UInt8])
  case array([JSONNode])
  /// In the file's order.
  case object([Member])

  struct Member: Equatable {
    let key: [UInt8]
    let value: JSONNode
  }

  /// The first member named `key` of an object; null counts as absent.
  subscript(key: String) -> JSONNode? {
    guard case .object(let members) = self else { return nil }
    guard let member = members.first(where: { $0.key.elementsEqual(key.utf8) }) else { return nil }
    return member.value == .null ? nil : member.value
  }

  var bytes: [UInt8]? { if case .string(let bytes) = self { bytes } else { nil } }
  var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var elements: [JSONNode]? { if case .array(let elements) = self { elements } else { nil } }
  var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  var integer: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }

  /// The member "type", by which the parts of a tokenizer are told apart.
  var type: String? { self["type"]?.text }

  init(parsing bytes: [UInt8]) throws(TokenizerImportError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

/// RFC 8259, one pass over the bytes, nesting limited so that a hostile file cannot exhaust the stack.
struct JSONParser {
  static let depthLimit = 64

  let bytes: [UInt8]
  private var offset = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(TokenizerImportError) -> JSONNode {
    let node = try value(depth: 0)
    skipSpace()
    guard offset == bytes.count else { throw malformed("text after the end") }
    return node
  }

  private mutating func value(depth: Int) throws(TokenizerImportError) -> JSONNode {
    guard depth < Self.depthLimit else { throw malformed("nested deeper than \(Self.depthLimit)") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(TokenizerImportError) -> JSONNode {
    var members: [JSONNode.Member] = []
    offset += 1
    skipSpace()
    if consume("}") { return .object(members) }
    repeat {
      skipSpace()
      let key = try string()
      skipSpace()
      guard consume(":") else { throw malformed("expected ':'") }
      members.append(.init(key: key, value: try value(depth: depth + 1)))
      skipSpace()
    } while consume(",")
    guard consume("}") else { throw malformed("expected ',' or '}'") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(TokenizerImportError) -> JSONNode {
    var elements: [JSONNode] = []
    offset += 1
    skipSpace()
    if consume("]") { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while consume(",")
    guard consume("]") else { throw malformed("expected ',' or ']'") }
    return .array(elements)
  }

  private mutating func string() throws(TokenizerImportError) -> [UInt8] {
    guard consume("\"") else { throw malformed("expected a string") }
    let start = offset
    var result: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw malformed("control character in a string") }
      offset += 1
      if byte == UInt8(ascii: "\\") { try escape(into: &result) } else { result.append(byte) }
    }
    guard consume("\"") else { throw malformed("the string does not end") }
    guard String(validating: result, as: UTF8.self) != nil else {
      throw .malformedJSON(offset: start, reason: "the string is not UTF-8")
    }
    return result
  }

  private mutating func escape(into result: inout [UInt8]) throws(TokenizerImportError) {
    guard let byte = peek else { throw malformed("the escape does not end") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(8)
    case UInt8(ascii: "f"): result.append(12)
    case UInt8(ascii: "n"): result.append(10)
    case UInt8(ascii: "r"): result.append(13)
    case UInt8(ascii: "t"): result.append(9)
    case UInt8(ascii: "u"):
      var code = try fourDigits()
      if code & 0xfc00 == 0xd800, consume("\\"), consume("u") {
        let low = try fourDigits()
        guard low & 0xfc00 == 0xdc00 else { throw malformed("half a surrogate pair") }
        code = 0x10000 + (code & 0x3ff) << 10 + (low & 0x3ff)
      }
      guard let scalar = Unicode.Scalar(code) else { throw malformed("half a surrogate pair") }
      result += Array(String(Character(scalar)).utf8)
    default: throw malformed("unknown escape")
    }
  }

  private mutating func fourDigits() throws(TokenizerImportError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw malformed("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      offset += 1
    }
    return code
  }

  private mutating func number() throws(TokenizerImportError) -> JSONNode {
    let start = offset
    while let byte = peek, (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte) { offset += 1 }
    guard let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)), value.isFinite else {
      throw .malformedJSON(offset: start, reason: "expected a value")
    }
    return .number(value)
  }

  private mutating func literal(_ word: String, _ node: JSONNode) throws(TokenizerImportError) -> JSONNode {
    guard bytes[offset...].starts(with: word.utf8) else { throw malformed("expected \(word)") }
    offset += word.utf8.count
    return node
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func consume(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 32 || byte == 9 || byte == 10 || byte == 13 { offset += 1 }
  }

  private func malformed(_ reason: String) -> TokenizerImportError {
    .malformedJSON(offset: offset, reason: reason)
  }
}
