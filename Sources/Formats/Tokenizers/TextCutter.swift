import Vocabulary

/// Finds the places that a step cuts at.
enum TextCutter: Sendable {
  /// Each scalar of a kind is a match.
  case scalars(ScalarTest)
  /// Matches follow each other without a gap.
  case known(KnownPattern)
  case literal([UInt8])
  case pattern(CompiledPattern)

  enum ScalarTest: Sendable {
    case number, space, punctuation
    /// Runs of word characters and runs of other marks are one match each.
    case words

    func holds(_ value: UInt32) -> Bool {
      let traits = ScalarTraits(value)
      switch self {
      case .number: return traits.isNumber
      case .space: return traits.isSpace
      case .punctuation:
        if value >= 0x80 { return Unicode8Category(value, traits).isPunctuation }
        return value > 0x20 && value < 0x7f && !traits.isLetter && !traits.isNumber
      case .words: return !traits.isSpace
      }
    }
  }

  init(_ pattern: TextPattern) throws(TokenizerError) {
    switch pattern {
    case .literal(let text): self = .literal(Array(text.utf8))
    case .expression(let text):
      if let known = KnownPattern(text) {
        self = .known(known)
      } else {
        self = .pattern(try CompiledPattern(text))
      }
    }
  }

  /// What searches for a pattern; nil for what needs no memory.
  var matches: PatternMatches? {
    if case .pattern(let pattern) = self { PatternMatches(pattern) } else { nil }
  }

  /// The words of `text`, in order, none of them empty.
  ///
  /// - Parameter matches: The searcher of a pattern, which calls for one text after another share; see ``matches``.
  @inline(__always)
  func forEachWord(
    in text: UnsafeBufferPointer<UInt8>, _ behavior: SplitBehavior, inverted: Bool,
    _ matches: inout PatternMatches?, _ word: (Range<Int>) -> Void
  ) {
    switch self {
    case .known(let pattern):
      if inverted ? behavior == .removed : behavior == .isolated {
        var start = 0
        while start < text.count {
          let end = pattern.wordEnd(in: text, from: start)
          word(start..<end)
          start = end
        }
        return
      }
      join(text, behavior, inverted, word) { start in
        start < text.count ? start..<pattern.wordEnd(in: text, from: start) : nil
      }
    case .scalars(let test):
      join(text, behavior, inverted, word) { Self.next(test, in: text, from: $0) }
    case .literal(let literal):
      join(text, behavior, inverted, word) { Self.next(literal, in: text, from: $0) }
    case .pattern:
      matches?.restart(in: text)
      join(text, behavior, inverted, word) { _ in matches?.next() }
    }
  }

  /// The matches in `text`, in order.
  func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    var start = 0
    switch self {
    case .pattern(let pattern):
      var matches = PatternMatches(pattern)
      matches.restart(in: text)
      while let match = matches.next() { body(match) }
    case .known(let pattern):
      while start < text.count {
        let end = pattern.wordEnd(in: text, from: start)
        body(start..<end)
        start = end
      }
    case .scalars(let test):
      while let match = Self.next(test, in: text, from: start) {
        body(match)
        start = match.upperBound
      }
    case .literal(let literal):
      while let match = Self.next(literal, in: text, from: start) {
        body(match)
        start = match.upperBound
      }
    }
  }

  /// Walks over the matches that `next` finds and the gaps between them.
  @inline(__always)
  private func join(
    _ text: UnsafeBufferPointer<UInt8>, _ behavior: SplitBehavior, _ inverted: Bool,
    _ word: (Range<Int>) -> Void, _ next: (Int) -> Range<Int>?
  ) {
    var joiner = SplitJoiner(behavior)
    var start = 0
    while let match = next(start) {
      if match.lowerBound > start { joiner.add(start..<match.lowerBound, isMatch: inverted, word) }
      joiner.add(match, isMatch: !inverted, word)
      start = match.upperBound
    }
    if start < text.count { joiner.add(start..<text.count, isMatch: inverted, word) }
    joiner.finish(word)
  }

  private static func next(
    _ test: ScalarTest, in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Range<Int>? {
    var index = start
    while index < text.count {
      let (value, length) = decodeScalar(text, at: index)
      if test.holds(value) {
        return index..<(test == .words ? wordEnd(in: text, from: index) : index + length)
      }
      index += length
    }
    return nil
  }

  /// The end of the run of word characters, or of neither those nor white space, that begins at `start`.
  private static func wordEnd(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let isWord = ScalarTraits(decodeScalar(text, at: start).value).isWord
    var end = start
    while end < text.count {
      let (value, length) = decodeScalar(text, at: end)
      let traits = ScalarTraits(value)
      guard !traits.isSpace, traits.isWord == isWord else { break }
      end += length
    }
    return end
  }

  private static func next(
    _ literal: [UInt8], in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Range<Int>? {
    guard !literal.isEmpty else { return nil }
    let found = literal.withUnsafeBufferPointer {
      ByteSearch.first($0, in: UnsafeBufferPointer(rebasing: text[start...]))
    }
    return found.map { start + $0..<start + $0 + literal.count }
  }
}
