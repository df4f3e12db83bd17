import TestSupport
import Testing

@testable import JSON

@Suite("JSON")
struct JSONTests {
  private func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
  }

  @Test(
    "values are read exactly",
    arguments: [
      ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0), ("-7", -7),
      ("9223372036854775807", .integer(.max)), ("9223372036854775808", .unsigned(1 << 63)),
      ("18446744073709551615", .unsigned(.max)),
      ("18446744073709551616", .number(18_446_744_073_709_551_616)),
      ("1.5", 1.5), ("-2e3", .number(-2000)), ("1E-2", 0.01), ("\"\"", ""), ("[]", []), ("{}", [:]),
      ("[1, [2], {\"a\":3}]", [1, [2], ["a": 3]]), ("\"a\\n\\t\\u0041\\/\\\\\\\"\"", "a\n\tA/\\\""),
      ("\"\\ud83d\\ude00 é\"", "😀 é"), ("{\"a\":1,\"b\":{\"c\":null}}", ["a": 1, "b": ["c": .null]]),
    ] as [(String, JSONValue)])
  func values(text: String, expected: JSONValue) throws {
    #expect(try parse(text) == expected)
    #expect(try JSONValue(parsing: expected.encoded()) == expected)
  }

  @Test(
    "what RFC 8259 does not allow is refused",
    arguments: [
      "", " ", "nul", "tru", "01", "+1", "1.", ".5", "1e", "-", "NaN", "Infinity", "-Infinity", "1e999",
      "[1,]", "[1 2]",
      "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "\"", "\"\\x\"", "\"\\u12\"",
      "\"\\ud800\"",
      "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\u{1}b\"", "[", "{", "]", "1 2", "{} {}", "'a'", "\"\\",
      "\u{FEFF}1",
    ])
  func refusals(text: String) {
    #expect(throws: JSONSyntaxError.self) { try parse(text) }
  }

  @Test("bytes that are not UTF-8 are refused, in and outside strings")
  func notUTF8() {
    for bytes in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF]]
      as [[UInt8]]
    {
      #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
    }
  }

  @Test("64 levels pass, 65 and a million are refused")
  func depth() throws {
    func nested(_ levels: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(ascii: "["), count: levels)
        + [UInt8](repeating: UInt8(ascii: "]"), count: levels)
    }
    _ = try JSONValue(parsing: nested(64))
    for levels in [65, 1_000_000] {
      let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(levels)) }
      #expect(error?.problem == .tooDeep)
    }
  }

  @Test("a line beyond 8 MiB is refused without being read")
  func length() {
    let error = #expect(throws: JSONSyntaxError.self) {
      try JSONValue(parsing: [UInt8](repeating: 0x20, count: JSONLimits.lineBytes + 1))
    }
    #expect(error?.problem == .tooLong(JSONLimits.lineBytes + 1, limit: JSONLimits.lineBytes))
  }

  @Test("written JSON is one line, whatever the strings hold")
  func oneLine() throws {
    let all = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init))) + "\u{2028}😀\r\n"
    let line = JSONValue.object(JSONObject(members: [.init(name: all, value: .string(all))])).encoded()
    #expect(line.allSatisfy { $0 >= 0x20 })
    #expect(try JSONValue(parsing: line)[all] == .string(all))
    #expect(JSONValue.string("a/b").encoded() == Array("\"a/b\"".utf8))
  }

  @Test(
    "a character to escape is found at every place of a long string",
    arguments: ["\"", "\\", "\n", "\u{7F}", "é"])
  func specialPlaces(special: String) throws {
    for count in 0..<150 {
      let text = String(repeating: "a", count: count) + special + String(repeating: "b", count: 149 - count)
      #expect(try JSONValue(parsing: JSONValue.string(text).encoded()) == .string(text))
    }
  }

  @Test(
    "a control character in a string is refused wherever it stands", arguments: [0, 1, 63, 64, 65, 127, 200])
  func controlCharacter(place: Int) {
    var line = [UInt8](repeating: UInt8(ascii: "a"), count: 202)
    (line[0], line[201], line[1 + place % 200]) = (0x22, 0x22, 0x1F)
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: line) }
  }

  @Test("numbers that are not finite are written as null", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(number: Double) {
    #expect(JSONValue.number(number).encoded() == Array("null".utf8))
  }

  @Test("doubles come back bit for bit")
  func doubles() throws {
    var random = SeededGenerator()
    for _ in 0..<2000 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      let back = try JSONValue(parsing: JSONValue.number(number).encoded()).doubleValue
      #expect(back == number, "\(number)")
    }
  }
}
