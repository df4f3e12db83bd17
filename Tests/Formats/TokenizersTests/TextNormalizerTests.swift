import TestSupport
import Testing

@testable import Tokenizers

@Suite("Tokenizer normalizers")
struct TextNormalizerTests {
  private func normalize(_ text: String, _ steps: NormalizerStep...) throws -> String {
    let normalizer = try TextNormalizer(steps)
    let bytes = Array(text.utf8).withUnsafeBufferPointer { normalizer.normalize($0).bytes }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

  @Test(
    "the forms of Unicode",
    arguments: [
      ("é", "e\u{301}", "é", "e\u{301}", "é"), ("ﬁ①", "ﬁ①", "ﬁ①", "fi1", "fi1"),
      ("각", "\u{1100}\u{1161}\u{11a8}", "각", "\u{1100}\u{1161}\u{11a8}", "각"),
      ("q\u{307}\u{323}", "q\u{323}\u{307}", "q\u{323}\u{307}", "q\u{323}\u{307}", "q\u{323}\u{307}"),
      ("\u{212b}", "A\u{30a}", "Å", "A\u{30a}", "Å"),
      ("\u{1e9b}\u{323}", "\u{17f}\u{323}\u{307}", "\u{1e9b}\u{323}", "s\u{323}\u{307}", "\u{1e69}"),
      ("\u{958}", "\u{915}\u{93c}", "\u{915}\u{93c}", "\u{915}\u{93c}", "\u{915}\u{93c}"),
      ("a\u{302}\u{301}", "a\u{302}\u{301}", "\u{1ea5}", "a\u{302}\u{301}", "\u{1ea5}"),
    ])
  func forms(text: String, nfd: String, nfc: String, nfkd: String, nfkc: String) throws {
    for (form, expected) in [(NormalizationForm.nfd, nfd), (.nfc, nfc), (.nfkd, nfkd), (.nfkc, nfkc)] {
      #expect(isSame(try normalize(text, .form(form)), expected), "\(form)")
    }
  }

  @Test("forms of random text are their own forms, and each other's")
  func idempotence() throws {
    var random = SeededGenerator()
    for _ in 0..<200 {
      var text = String.UnicodeScalarView()
      for _ in 0..<12 {
        let limit: UInt32 = [0x80, 0x370, 0x1200, 0x3100, 0x20000].randomElement(using: &random) ?? 0x80
        if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) { text.append(scalar) }
      }
      let string = String(text)
      for form in NormalizationForm.allCases {
        let once = try normalize(string, .form(form))
        #expect(isSame(try normalize(once, .form(form)), once), "\(form), \(random)")
      }
      let (nfd, nfc) = (try normalize(string, .form(.nfd)), try normalize(string, .form(.nfc)))
      let (composed, decomposed) = (try normalize(nfd, .form(.nfc)), try normalize(nfc, .form(.nfd)))
      #expect(isSame(composed, nfc) && isSame(decomposed, nfd), "\(random)")
    }
  }

  @Test("a run of marks of any length is ordered in linear time")
  func marks() throws {
    let run = "a" + String(repeating: "\u{301}\u{323}", count: 200_000)
    let ordered =
      "a" + String(repeating: "\u{323}", count: 200_000) + String(repeating: "\u{301}", count: 200_000)
    #expect(isSame(try normalize(run, .form(.nfd)), ordered))
  }

  @Test("BERT's step cleans, separates, strips and lowers")
  func bert() throws {
    let all = NormalizerStep.bert(
      cleansText: true, separatesIdeographs: true, stripsAccents: true, lowercases: true)
    #expect(isSame(try normalize("Ünï\u{0}\u{200b}\t日本", all), "uni  日  本 "))
  }

  @Test("authors go with their bytes")
  func trust() throws {
    let text = Array("aé ".utf8)
    let normalizer = try TextNormalizer([
      .form(.nfd), .replace(pattern: .literal(text: " "), content: "__"), .prepend(text: "<"),
    ])
    let result = text.withUnsafeBufferPointer {
      normalizer.normalize($0, trusted: [true, false, false, true])
    }
    #expect(result.bytes == Array("<ae\u{301}__".utf8))
    #expect(result.trusted == [true, true, false, false, false, true, true])
  }
}
