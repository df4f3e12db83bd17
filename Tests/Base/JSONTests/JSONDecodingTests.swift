import JSON
import Testing

@Suite("Decoding JSON")
struct JSONDecodingTests {
  private struct Everything: Codable, Equatable {
    enum Kind: String, Codable { case one, two }
    struct Part: Codable, Equatable {
      var bits: Int
      var name: String?
    }
    var flag: Bool
    var seed: UInt64
    var small: Int8
    var step: Float
    var rate: Double
    var kind: Kind
    var parts: [Part]
    var byName: [String: [Int32]]
    var absent: Int?
  }

  private func decode<T: Decodable>(_ type: T.Type, _ text: String) throws(JSONDecodingError) -> T {
    try JSONValue.decode(type, from: Array(text.utf8))
  }

  @Test("structures, enumerations, arrays, dictionaries and numbers keep their values to the bit")
  func everything() throws {
    let text = """
      {"flag":true,"seed":18446744073709551615,"small":-128,"step":0.1,"rate":1e-5,"kind":"two",
       "parts":[{"bits":4,"name":"é"},{"bits":8.0,"name":null}],"byName":{"a":[1,2],"b":[]},"other":[[]]}
      """
    #expect(
      try decode(Everything.self, text)
        == Everything(
          flag: true, seed: .max, small: -128, step: 0.1, rate: 1e-5, kind: .two,
          parts: [.init(bits: 4, name: "é"), .init(bits: 8, name: nil)], byName: ["a": [1, 2], "b": []]))
  }

  @Test(
    "what does not fit is named by its path",
    arguments: [
      (#"{"a":{"b":"x"}}"#, "at 'a.b': expected an integer of 8 bits, found a string"),
      (#"{"a":{"b":200}}"#, "at 'a.b': expected an integer of 8 bits, found 200"),
      (#"{"a":{"b":1.5}}"#, "at 'a.b': expected an integer of 8 bits, found 1.5"),
      (#"{"a":{"b":null}}"#, "at 'a.b': it is null"),
      (#"{"a":[1]}"#, "at 'a': expected an object, found an array"),
      ("7", "at '': expected an object, found 7"),
    ])
  func mismatches(text: String, message: String) {
    let error = #expect(throws: JSONDecodingError.self) { try decode([String: [String: Int8]].self, text) }
    #expect(error?.description == message)
  }

  @Test("elements, missing members, unknown cases and numbers out of range are named too")
  func others() {
    func message<T: Decodable>(_ type: T.Type, _ text: String) -> String? {
      do throws(JSONDecodingError) {
        _ = try decode(type, text)
        return nil
      } catch { return error.description }
    }
    #expect(message([[Bool]].self, "[[],[true,1]]") == "at '1.1': expected true or false, found 1")
    #expect(message(Everything.Part.self, "{}") == "at 'bits': it is missing")
    #expect(
      message([Float].self, "[1e300]") == "at '0': expected a number in the range of Float, found 1e+300")
    #expect(message([Everything.Kind].self, #"["three"]"#)?.hasPrefix("at '0': ") == true)
  }

  @Test("a text that is no JSON, names a member twice or nests too deep is refused")
  func syntax() {
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    for text in ["", "{", #"{"a":1,"a":2}"#, "[1] 2", deep] {
      #expect(throws: JSONDecodingError.self) { try decode([String: Int].self, text) }
    }
  }
}
