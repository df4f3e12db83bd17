import TestSupport
import Testing

@testable import Tokenizers

@Suite("Word patterns")
struct WordScannerTests {
  private func words(_ text: String, _ end: (WordScanner, Int) -> Int) -> [String] {
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      var (words, start): ([String], Int) = ([], 0)
      while start < bytes.count {
        let next = end(WordScanner(bytes: bytes), start)
        words.append(String(decoding: bytes[start..<next], as: UTF8.self))
        start = next
      }
      return words
    }
  }

  /// A text with | where it is to be cut.
  private func check(_ marked: String, _ end: (WordScanner, Int) -> Int) {
    let expected = marked.split(separator: "|").map(String.init)
    #expect(words(expected.joined(), end) == expected)
  }

  @Test(
    "GPT-2's pattern",
    arguments: [
      "Hello| world|'s| 123|abc", "a| | b", "a|\n|\n|b", "a| \n", "  ", "I|'|LL| we|'ll", " ''| x",
      "x|\u{a0}|y",
      "naïve| ½| ٣|!", "", "'|x", "don|'t", " \n| x", "日本|、| 7",
    ])
  func gpt2(marked: String) { check(marked) { $0.gpt2WordEnd(from: $1) } }

  @Test(
    "Llama 3's pattern",
    arguments: [
      "I|'LL| go", "123|45", "a|.b", "x| !!\n\n|y", "a| \n \n| b", "a| | b", "\tx", "\n|x", "a| ", " |7",
      "...\n| x",
    ])
  func llama3(marked: String) { check(marked) { $0.llama3WordEnd(from: $1, digits: 3) } }

  @Test("any bytes are cut into words that follow each other")
  func anyBytes() {
    var random = SeededGenerator()
    for _ in 0..<500 {
      random.uint8s(24).withUnsafeBufferPointer { bytes in
        let scanner = WordScanner(bytes: bytes)
        var start = 0
        while start < bytes.count {
          let ends = [scanner.gpt2WordEnd(from: start), scanner.llama3WordEnd(from: start, digits: 1)]
          #expect(ends.allSatisfy { $0 > start && $0 <= bytes.count }, "\(random)")
          start = ends[0]
        }
      }
    }
  }
}
