import TestSupport
import Testing
import Vocabulary

@testable import Tokenizers

@Suite("Tokenizer")
struct TokenizerTests {
  private func ids(_ model: TokenizerModel, _ text: String, special: Bool = false) throws -> [Int32] {
    try Tokenizer(model).encode(text, parseSpecial: special).map(\.rawValue)
  }

  @Test("the best score merges first, the leftmost of equals")
  func scores() throws {
    let model = SmallTokenizers.sentencepiece()
    #expect(try ids(model, "ab") == [259, 262])
    #expect(try ids(model, "ac") == [263, 3 + 0x63])
    #expect(try ids(model, "xxx") == [259, 266, 265])
  }

  @Test("a character without a piece becomes its bytes, or unknown where a byte has no piece")
  func byteFallback() throws {
    #expect(try ids(SmallTokenizers.sentencepiece(), "éü") == [259, 264, 3 + 0xc3, 3 + 0xbc])
    let model = SmallTokenizers.sentencepiece { $0.types[3 + 0xc3] = .unused }
    #expect(try ids(model, "éüü") == [259, 264, 0, 0])
    let fused = SmallTokenizers.sentencepiece {
      $0.types[3 + 0xc3] = .unused
      $0.header.fusesUnknown = true
    }
    #expect(try ids(fused, "éüü") == [259, 264, 0])
    let dropping = SmallTokenizers.sentencepiece {
      $0.types[3 + 0xc3] = .unused
      $0.header.unknown = nil
    }
    #expect(try ids(dropping, "éüü") == [259, 264])
  }

  @Test("a space goes in front by the rule of the model", arguments: TokenizerModel.LeadingSpace.allCases)
  func leadingSpace(rule: TokenizerModel.LeadingSpace) throws {
    let model = SmallTokenizers.sentencepiece(leadingSpace: rule)
    let expected: ([Int32], [Int32], [Int32]) =
      switch rule {
      case .never: ([265], [259, 265], [265, 2, 265])
      case .everySegment: ([259, 265], [259, 259, 265], [259, 265, 2, 259, 265])
      case .everySegmentUnlessSpaced: ([259, 265], [259, 265], [259, 265, 2, 259, 265])
      case .firstSegmentUnlessSpaced: ([259, 265], [259, 265], [259, 265, 2, 265])
      }
    #expect(try ids(model, "x") == expected.0)
    #expect(try ids(model, " x") == expected.1)
    #expect(try ids(model, "x</s>x", special: true) == expected.2)
    #expect(try ids(model, "") == [])
  }

  @Test("merges do not cross ▁ where words are cut there")
  func metaspaceWords() throws {
    let model = SmallTokenizers.sentencepiece(leadingSpace: .never, wordSplit: .metaspace)
    #expect(try ids(model, "x  ab") == [265, 259, 259, 262])
  }

  @Test("a piece with a space inside is found, though words are otherwise merged one by one")
  func innerSpace() throws {
    let plain = try Tokenizer(SmallTokenizers.sentencepiece())
    #expect(plain.wordsAreIndependent)
    let spaced = try Tokenizer(
      SmallTokenizers.sentencepiece { model in
        let last = Int(model.pieceOffsets[model.count - 1])
        model.pieceBytes.replaceSubrange(last..., with: "x▁a".utf8)
        model.pieceOffsets[model.count] = UInt32(model.pieceBytes.count)
      })
    #expect(!spaced.wordsAreIndependent)
    #expect(plain.encode("x a").map(\.rawValue) == [259, 265, 263])
    #expect(spaced.encode("x a").map(\.rawValue) == [259, 266])
  }

  @Test("ranked merges apply in their order; whole words may come first")
  func ranks() throws {
    var model = SmallTokenizers.byteLevel(merges: [("b", "c"), ("a", "b"), ("ab", "c")])
    #expect(try ids(model, "abc") == [97, 256])
    #expect(try ids(model, "ab") == [257])
    model.header.prefersWholeWords = true
    #expect(try ids(model, "abc") == [258])
  }

  @Test("the longest special token wins, and user-defined literals need no permission")
  func specials() throws {
    let model = SmallTokenizers.sentencepiece(leadingSpace: .never) { $0.types[262] = .userDefined }
    #expect(try ids(model, "xab") == [265, 262])
    #expect(try ids(model, "</s>", special: true) == [2])
    #expect(try !ids(model, "</s>").contains(2))
  }

  @Test("the begin token is added on request")
  func beginToken() throws {
    let tokenizer = try Tokenizer(SmallTokenizers.sentencepiece())
    #expect(tokenizer.encode("", addBeginToken: true) == [TokenID(1)])
    #expect(try Tokenizer(SmallTokenizers.byteLevel()).encode("", addBeginToken: true) == [])
  }

  @Test("decoding drops the space that encoding added, control tokens and ids out of range")
  func decoding() throws {
    let tokenizer = try Tokenizer(SmallTokenizers.sentencepiece())
    #expect(tokenizer.decode([1, 263, 259, 264, 2, 999, -5].map { TokenID($0) }) == "a é")
    #expect(tokenizer.decode([259, 0, 3 + 0xc3].map { TokenID($0) }) == "\u{fffd}\u{fffd}")
    #expect(tokenizer.bytes(of: TokenID(263)) == Array(" a".utf8))
    #expect(tokenizer.bytes(of: TokenID(Int32.max)) == [])
  }

  @Test("merging equals rescanning for the best pair, on random words")
  func equalsDefinition() throws {
    let pairs = [
      ("a", "b"), ("b", "a"), ("ab", "a"), ("a", "a"), ("aa", "b"), ("ab", "ab"), ("c", "ab"), ("aba", "c"),
    ]
    let tokenizer = try Tokenizer(SmallTokenizers.byteLevel(.none, merges: pairs))
    var random = SeededGenerator()
    for length in simdSizes(upTo: 48) + [256, 257, 700] {
      let text = String((0..<length).map { _ in "abc".randomElement(using: &random) ?? "a" })
      var expected = text.utf8.map { Int32($0) }
      while let best = (0..<max(expected.count - 1, 0)).compactMap({ index in
        tokenizer.merges.find(expected[index], expected[index + 1]).map { (entry: $0, index: index) }
      }).min(by: { ($0.entry >> 32, $0.index) < ($1.entry >> 32, $1.index) }) {
        expected.replaceSubrange(best.index...best.index + 1, with: [Int32(best.entry & 0xffff_ffff)])
      }
      #expect(tokenizer.encode(text).map(\.rawValue) == expected, "\(text), \(random)")
    }
  }

  @Test("a long run of one letter, the worst case of rescanning, is merged in one go")
  func longWord() throws {
    let tokenizer = try Tokenizer(SmallTokenizers.sentencepiece())
    let ids = tokenizer.encode(String(repeating: "x", count: 100_001))
    #expect(ids.count == 1 + 50_000 + 1)
  }
}
