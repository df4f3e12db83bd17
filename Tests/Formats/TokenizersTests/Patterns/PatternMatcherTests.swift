import TestSupport
import Testing

@testable import Tokenizers

@Suite("Tokenizer patterns")
struct PatternMatcherTests {
  private func matches(_ pattern: String, _ text: String, usesAutomaton: Bool = true) throws -> [String] {
    let compiled = try CompiledPattern(pattern)
    return Array(text.utf8).withUnsafeBufferPointer { bytes in
      var matches = PatternMatches(compiled, usesAutomaton: usesAutomaton)
      matches.restart(in: bytes)
      var found: [String] = []
      while let match = matches.next() { found.append(String(decoding: bytes[match], as: UTF8.self)) }
      return found
    }
  }

  @Test(
    "the first way that leads to a match is taken",
    arguments: [
      ("a|ab", "ab", ["a"]), ("(?:a|ab)c", "abc", ["abc"]), ("a{2,3}", "aaaaa", ["aaa", "aa"]),
      ("a{2,3}?", "aaaaa", ["aa", "aa"]), ("a+?b", "aab", ["aab"]), ("a++a", "aaa", []),
      ("a+a", "aaa", ["aaa"]),
      ("(?>a+)b", "aab", ["aab"]), ("x*", "axxb", ["", "xx", ""]), ("(?:a?)*b", "aab", ["aab"]),
      ("(?:ab)*a", "ababa", ["ababa"]), (#"\s+(?!\S)|\s+"#, "a   b ", ["  ", " ", " "]),
      (#"(?=(\d{3})+(?!\d))\d"#, "1234567", ["2", "5"]), (#"(?<=a)b|(?<!a)c"#, "abacc", ["b", "c"]),
      (#"(?i)s|(?i:k)"#, "Sſ\u{212a}x", ["S", "ſ", "\u{212a}"]), ("[^a-c]", "abdc", ["d"]),
      ("[a-z&&[^b]]+", "abc", ["a", "c"]), (#"[\x{61}b\]]+"#, "ab]", ["ab]"]),
      (#"\p{Lu}\P{Lu}"#, "aBc", ["Bc"]),
      ("^.$", "a\nbc\nd", ["a", "d"]), (#"\bb\B"#, "bb b", ["b"]), ("(?m:.)", "\n", ["\n"]), (".", "\n", []),
      ("(?x) a b # c", "ab", ["ab"]), ("{", "{", ["{"]), (#"\p{Han}+|\p{^Han}"#, "漢字a", ["漢字", "a"]),
    ])
  func firstWay(pattern: String, text: String, expected: [String]) throws {
    #expect(try matches(pattern, text) == expected)
    #expect(try matches(pattern, text, usesAutomaton: false) == expected)
  }

  @Test(
    "what the matcher cannot do is refused with a reason",
    arguments: [
      "(a)\\1", "(?>ab|a)c", "(?<=ab)c", "\\R", "\\X", "\\G", "\\p{Klingon}", "(", ")", "[", "[]", "a**b(",
      "*",
      "a{3,1}", "a{999}", "(?i:ss)", "(?i:ß)", "(?:ab)++", "\\", "[z-a]", "(?y)", "(?=a)*",
      String(repeating: "(", count: 100), String(repeating: "[", count: 100),
      String(repeating: "(?:a{256}){256}", count: 2), String(repeating: "a", count: 20_000),
      "a{1}{1}{1}{1}{1}",
      "(?=a(?=b+c)d)",
    ])
  func refused(pattern: String) {
    #expect(throws: TokenizerError.self) { try CompiledPattern(pattern) }
  }

  @Test("known patterns cut as their scanners do")
  func scanners() throws {
    var random = SeededGenerator()
    let bits = [
      "'s", "'S", "'ſ", " ", "\n", "\r", "a", "é", "1", "½", ".", "日", "\u{a0}", "'", "re", "\u{301}",
    ]
    for rule in [TokenizerModel.WordSplit.gpt2, .llama3, .singleDigits] {
      let expression = rule.pattern ?? ""
      let (known, compiled) = (KnownPattern(expression), try CompiledPattern(expression))
      for _ in 0..<400 {
        let text = (0..<12).map { _ in bits.randomElement(using: &random) ?? "" }.joined()
        Array(text.utf8).withUnsafeBufferPointer { bytes in
          var matcher = PatternMatches(compiled)
          matcher.restart(in: bytes)
          var start = 0
          while start < bytes.count {
            let end = known?.wordEnd(in: bytes, from: start) ?? 0
            #expect(matcher.next() == start..<end, "\(text.debugDescription), \(random)")
            start = end
          }
        }
      }
    }
  }

  @Test("patterns that backtrack without end elsewhere take linear time")
  func linear() throws {
    let letters = String(repeating: "a", count: 100_000)
    for pattern in [
      "(?:a+)+b", "(?:a|aa)+b", "a+X|a", "(?:a*)*(?:a*)*b", "a++X", #"\w+(?=(?:\w\w\w)+X)"#, "(?:a?){30}b",
      "(?=a*b)a", "a*?b|a",
    ] {
      #expect(try matches(pattern, letters).count <= letters.count)
      #expect(try matches(pattern, letters, usesAutomaton: false).count <= letters.count)
    }
  }

  @Test("mutated patterns and any bytes neither trap nor hang")
  func mutations() {
    var random = SeededGenerator(seed: 11)
    let parts = Array(#"ab|()[]{}*+?^$.\dswpPLN{Han}(?i:(?=(?!(?<=1,3-&&[:punct:]\x{61}é"#)
    for _ in 0..<4000 {
      let pattern = String(
        (0..<Int.random(in: 1...14, using: &random)).map { _ in parts.randomElement(using: &random) ?? "a" })
      guard let compiled = try? CompiledPattern(pattern) else { continue }
      random.uint8s(24).withUnsafeBufferPointer { bytes in
        var matches = PatternMatches(compiled)
        matches.restart(in: bytes)
        var (last, count) = (0, 0)
        while let match = matches.next() {
          #expect(match.lowerBound >= last && match.upperBound <= bytes.count, "\(pattern)")
          (last, count) = (match.upperBound, count + 1)
        }
        #expect(count <= 2 * bytes.count + 2, "\(pattern)")
      }
    }
  }
}
