import TestSupport
import Testing

@testable import Tokenizers

@Suite("Tokenizer patterns as automata")
struct PatternAutomatonTests {
  /// What real patterns are made of, and what makes automata and machines differ.
  private static let parts = [
    #"\p{L}+"#, #"\p{N}{1,3}"#, " ?", "[^a-c]", #"\s+(?!\S)"#, "a", "b", "(?:a|ab)", "|", "|", "c*?",
    "(?i:s)", "(?<=a)",
    "(?=b)", #"\b"#, #"\B"#, "^", "$", "(?:ab?)*", "a++", "[a-z]?+", "b{2,4}", #"[\r\n]*"#, "(?:|a)*",
    #"\p{Lu}"#,
    #"[\x{4e00}-\x{9fa5}]+"#, "(?<!b)", ".",
  ]
  private static let bits = [
    "a", "b", "c", "ab", "S", "ſ", "A", "1", "½", " ", "\n", "\r", "漢", "é", "\u{301}", "\u{1d400}", "😀", ".",
    "\u{a0}",
  ]

  private func matches(
    _ pattern: CompiledPattern, _ bytes: UnsafeBufferPointer<UInt8>, usesAutomaton: Bool
  ) -> [Range<Int>] {
    var matches = PatternMatches(pattern, usesAutomaton: usesAutomaton)
    matches.restart(in: bytes)
    var found: [Range<Int>] = []
    while let match = matches.next() { found.append(match) }
    return found
  }

  @Test("find what the matcher finds, in patterns and texts made at random")
  func equalsMatcher() throws {
    var random = SeededGenerator(seed: 7)
    var automata = 0
    for _ in 0..<600 {
      let pattern = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        Self.parts.randomElement(using: &random) ?? ""
      }.joined()
      guard let compiled = try? CompiledPattern(pattern), compiled.automaton != nil else { continue }
      automata += 1
      for length in [3, 9, 40] {
        let text = (0..<length).map { _ in Self.bits.randomElement(using: &random) ?? "" }.joined()
        Array(text.utf8).withUnsafeBufferPointer { bytes in
          let (found, expected) = (
            matches(compiled, bytes, usesAutomaton: true), matches(compiled, bytes, usesAutomaton: false)
          )
          #expect(found == expected, "\(pattern) in \(text.debugDescription), \(random)")
        }
      }
    }
    #expect(automata > 400)
  }

  @Test("exist where a pattern asks for the scalars on both sides of a place alone, and is not too large")
  func size() throws {
    for pattern in [#" ?\p{L}+|\s+(?!\S)|\s+"#, #"\p{N}{1,3}"#, #"(?i:'s|'ll)|\bx"#] {
      #expect(try CompiledPattern(pattern).automaton != nil, "\(pattern)")
    }
    for pattern in [#"(?=(\d{3})+(?!\d))\d"#, "(?:a?){30}(?:b|a){30}(?:[ab]*a[ab]{12})"] {
      #expect(try CompiledPattern(pattern).automaton == nil, "\(pattern)")
    }
  }

  @Test("know the class of every scalar")
  func classes() throws {
    let sets = [#"\p{Lu}"#, #"[\p{Han}x-\x{e9}]"#, #"\s"#, #"[^\w]"#, "(?i:k)"].compactMap {
      (try? PatternParser.parse($0))?.singleSet?.flattened
    }
    let classes = try #require(ScalarClasses(sets))
    for value in stride(from: UInt32(0), through: 0x1_ffff, by: 7) {
      let interval = (classes.intervals.firstIndex { $0 > value } ?? classes.intervals.count) - 1
      let number = classes.rows[interval * 256 + Int(ScalarTraits(value).rawValue)]
      for (index, set) in sets.enumerated() {
        #expect(set.holds(value) == (classes.members[Int(number)] >> UInt64(index) & 1 != 0), "\(value)")
      }
    }
  }
}
