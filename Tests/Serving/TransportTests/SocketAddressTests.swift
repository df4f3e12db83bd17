import Testing

@testable import Transport

@Suite("Socket addresses")
struct SocketAddressTests {
  @Test("107 bytes fit, 108 are refused with both numbers in the text")
  func lengths() throws {
    _ = try SocketAddress(String(repeating: "a", count: 107))
    let path = String(repeating: "a", count: 108)
    let error = #expect(throws: SocketPathError.tooLong(path: path, bytes: 108)) { try SocketAddress(path) }
    #expect(error?.description.contains("108 bytes") == true)
    #expect(error?.description.contains("at most 107") == true)
  }

  @Test("empty paths and zero bytes are refused", arguments: ["", "a\0b"])
  func empty(path: String) {
    #expect(throws: SocketPathError.empty) { try SocketAddress(path) }
  }
}
