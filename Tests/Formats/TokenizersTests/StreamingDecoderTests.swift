import TestSupport
import Testing
import Vocabulary

@testable import Tokenizers

@Suite("Streaming decoder")
struct StreamingDecoderTests {
  private func pieces(_ tokenizer: Tokenizer, _ ids: [TokenID], afterPrompt: Bool = false) -> [String] {
    var decoder = StreamingDecoder(tokenizer, afterPrompt: afterPrompt)
    return ids.map { decoder.append($0) } + [decoder.finish()]
  }

  @Test("text comes in whole characters as soon as they are certain")
  func wholeCharacters() throws {
    let tokenizer = try Tokenizer(SmallTokenizers.byteLevel())
    let ids = "a€😀".utf8.map { TokenID(Int32($0)) }
    #expect(pieces(tokenizer, ids) == ["a", "", "", "€", "", "", "", "😀", ""])
  }

  @Test("bytes that are no text become U+FFFD, at once or at the end")
  func invalidBytes() throws {
    let tokenizer = try Tokenizer(SmallTokenizers.byteLevel())
    let ids = [0xc3, 0x41, 0xff, 0xe2, 0x82].map { TokenID(Int32($0)) }
    #expect(pieces(tokenizer, ids) == ["", "\u{fffd}A", "\u{fffd}", "", "", "\u{fffd}"])
  }

  @Test("the leading space is dropped only at the beginning of a text")
  func leadingSpace() throws {
    let tokenizer = try Tokenizer(SmallTokenizers.sentencepiece())
    let ids = [TokenID(1), TokenID(263), TokenID(263)]
    #expect(pieces(tokenizer, ids) == ["", "a", " a", ""])
    #expect(pieces(tokenizer, ids, afterPrompt: true) == ["", " a", " a", ""])
  }

  @Test("the parts joined are the whole, for random bytes and any split")
  func equalsWhole() throws {
    let tokenizer = try Tokenizer(SmallTokenizers.byteLevel())
    var random = SeededGenerator()
    let leads: [UInt8] = [0x41, 0x80, 0xa0, 0xbf, 0xc1, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0x9f, 0x90]
    for _ in 0..<2000 {
      let bytes = (0..<12).map { _ in leads.randomElement(using: &random) ?? 0 }
      let ids = bytes.map { TokenID(Int32($0)) }
      let parts = pieces(tokenizer, ids).joined()
      #expect(parts.utf8.elementsEqual(tokenizer.decode(ids).utf8), "\(bytes), \(random)")
      for split in bytes.indices {
        let held = split - incompleteSuffix(of: bytes[..<split])
        let joined =
          String(decoding: bytes[..<held], as: UTF8.self) + String(decoding: bytes[held...], as: UTF8.self)
        #expect(
          joined.utf8.elementsEqual(String(decoding: bytes, as: UTF8.self).utf8), "\(bytes) at \(split)")
      }
    }
  }
}
