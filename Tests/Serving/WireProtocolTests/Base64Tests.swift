import TestSupport
import Testing

@testable import WireProtocol

@Suite("Base64")
struct Base64Tests {
  @Test("every length comes back", arguments: simdSizes(upTo: 100))
  func roundTrip(count: Int) {
    var random = SeededGenerator()
    let bytes = random.uint8s(count)
    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
  }

  @Test(
    "the vectors of RFC 4648",
    arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func vectors(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
  }

  @Test(
    "other spellings are refused",
    arguments: [
      "Z", "Zg", "Zg=", "Zh==", "Zm9=", "=", "====", "Zg==Zg==", "Z===", "Zm 9v", "Zm9v\n", "Zm-_", "é===",
    ])
  func refusals(text: String) {
    #expect(Base64.decode(text) == nil)
  }
}
