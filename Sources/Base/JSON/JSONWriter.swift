/// Appends JSON to a byte buffer: one line, no spaces, slashes unescaped, members in the order of the calls.
///
/// Events are written straight into it, so a token costs one buffer and no intermediate tree.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init(capacity: Int = 256) {
    bytes.reserveCapacity(capacity)
  }

  /// Writes `{`, the members that `body` adds, and `}`.
  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "{"))
    body(&self)
    close(UInt8(ascii: "}"))
  }

  package mutating func member(_ name: StaticString, _ value: String) {
    key(name)
    string(value)
  }

  package mutating func member(_ name: StaticString, _ value: Int) {
    key(name)
    raw("\(value)")
  }

  package mutating func member(_ name: StaticString, _ value: JSONValue) {
    key(name)
    self.value(value)
  }

  package mutating func value(_ value: JSONValue) {
    switch value {
    case .null: raw("null")
    case .bool(let value): raw(value ? "true" : "false")
    case .integer(let value): raw("\(value)")
    case .unsigned(let value): raw("\(value)")
    case .number(let value): number(value)
    case .string(let text): string(text)
    case .array(let elements):
      open(UInt8(ascii: "["))
      for element in elements {
        self.value(element)
      }
      close(UInt8(ascii: "]"))
    case .object(let object):
      open(UInt8(ascii: "{"))
      for member in object.members {
        key(member.name)
        self.value(member.value)
      }
      close(UInt8(ascii: "}"))
    }
  }

  /// JSON has no NaN or infinity; they are written as `null` rather than as a line nobody can read.
  private mutating func number(_ value: Double) {
    raw(value.isFinite ? "\(value)" : "null")
  }

  private mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  private mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func raw(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func string(_ text: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { text in
      makeRoom(for: text.count)
      var start = 0
      while true {
        let end = PlainText.end(in: text, from: start)
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
        guard end < text.count else { break }
        escape(text[end])
        start = end + 1
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Grows at once to what a long string needs, with room for what usually follows it.
  private mutating func makeRoom(for count: Int) {
    let needed = bytes.count + count + 256
    if count > 4096, bytes.capacity < needed { bytes.reserveCapacity(max(needed, 2 * bytes.count)) }
  }

  private mutating func escape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      bytes += [UInt8(ascii: "u"), 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
}

extension JSONValue {
  /// The value that a text spells.
  ///
  /// - Parameter limit: The most bytes that are read.
  /// - Throws: ``JSONSyntaxError`` for anything else, including what exceeds ``JSONLimits``.
  package init(parsing text: [UInt8], limit: Int = JSONLimits.lineBytes) throws(JSONSyntaxError) {
    self = try JSONParser.parse(text, limit: limit)
  }

  /// The value as one line of JSON, without the newline; numbers that are not finite become `null`.
  package func encoded() -> [UInt8] {
    var writer = JSONWriter()
    writer.value(self)
    return writer.bytes
  }
}
