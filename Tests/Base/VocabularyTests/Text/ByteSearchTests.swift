import TestSupport
import Testing
import Vocabulary

@Suite("Looking for bytes in bytes")
struct ByteSearchTests {
  private func first(_ part: [UInt8], in text: [UInt8]) -> Int? {
    part.withUnsafeBufferPointer { part in text.withUnsafeBufferPointer { ByteSearch.first(part, in: $0) } }
  }

  @Test("finds the first place, in random texts of two letters")
  func equalsDefinition() {
    var random = SeededGenerator()
    for _ in 0..<2000 {
      let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        UInt8.random(in: 0...1, using: &random)
      }
      let part = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        UInt8.random(in: 0...1, using: &random)
      }
      let expected = text.indices.first { text[$0...].starts(with: part) }
      #expect(first(part, in: text) == expected, "\(part) in \(text), \(random)")
    }
  }

  @Test("repetitions cost no more")
  func linear() {
    let text = [UInt8](repeating: 97, count: 400_000)
    #expect(first([UInt8](repeating: 97, count: 100_000) + [98], in: text) == nil)
  }
}
