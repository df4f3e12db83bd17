import Testing

@testable import Checkpoints

@Suite("Bounded JSON")
struct BoundedJSONTests {
  @Test("depth counts brackets outside strings only")
  func depth() {
    #expect(BoundedJSON.depth(of: Array("".utf8)) == 0)
    #expect(BoundedJSON.depth(of: Array("[{\"[[[\\\"[\":[]}]".utf8)) == 3)
    #expect(BoundedJSON.depth(of: [UInt8](repeating: UInt8(ascii: "["), count: 70)) == 70)
  }

  @Test("a mismatch names the path of the value")
  func path() {
    let text = Array("{\"a\":{\"b\":\"x\"}}".utf8)
    let error = #expect(throws: BoundedJSON.Failure.self) {
      try BoundedJSON.decode([String: [String: Int]].self, from: text)
    }
    #expect(error?.description.hasPrefix("at 'a.b'") == true)
  }
}
