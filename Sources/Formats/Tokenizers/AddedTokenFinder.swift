import Vocabulary

/// Who may write tokens of structure in a text.
enum Authority {
  case everybody, nobody
  /// Whoever wrote these bytes: true where it was the template.
  case template(PromptText)
  /// The same byte by byte, for text that was rewritten.
  case mask([Bool])

  func permits(_ range: Range<Int>) -> Bool {
    switch self {
    case .everybody: true
    case .nobody: false
    case .template(let prompt): prompt.isTemplate(range)
    case .mask(let trusted): trusted[range].allSatisfy { $0 }
    }
  }
}

/// Finds the literals of added tokens in text: the leftmost first, and of several that begin there the longest.
struct AddedTokenFinder: Sendable {
  struct Match {
    /// With the white space that the token swallows.
    var range: Range<Int>
    let id: Int32
  }

  private var trie = ByteTrie()
  private var rules: [Int32: AddedTokenRule] = [:]
  private var special: Set<Int32> = []

  var isEmpty: Bool { trie.isEmpty }

  /// - Parameter literal: What to look for; empty ones are never found.
  mutating func insert(_ literal: some Collection<UInt8>, id: Int32, isSpecial: Bool, rule: AddedTokenRule?) {
    trie.insert(literal, id: id)
    rules[id] = rule
    if isSpecial { special.insert(id) }
  }

  /// The first added token at or after `start`, where text before `start` belongs to earlier tokens.
  ///
  /// - Parameters:
  ///   - start: Where to look from; moves behind literals that were found and do not count.
  ///   - taken: The end of the previous token with what it swallowed.
  ///   - authority: Who may write special tokens; elsewhere they are ordinary text.
  func next(
    in text: UnsafeBufferPointer<UInt8>, from start: inout Int, taken: Int, _ authority: Authority
  ) -> Match? {
    while start < text.count {
      guard trie.isFirst[Int(text[start])], let (end, id) = longest(in: text, at: start, authority) else {
        start += 1
        continue
      }
      let literal = start..<end
      start = end
      guard let rule = rules[id] else { return Match(range: literal, id: id) }
      if rule.singleWord, touchesWord(literal, in: text) { continue }
      var match = Match(range: literal, id: id)
      if rule.stripsLeft {
        match.range = max(taken, spaceStart(in: text, before: literal.lowerBound))..<match.range.upperBound
      }
      if rule.stripsRight {
        match.range = match.range.lowerBound..<spaceEnd(in: text, from: literal.upperBound)
      }
      return match
    }
    return nil
  }

  private func longest(
    in text: UnsafeBufferPointer<UInt8>, at start: Int, _ authority: Authority
  ) -> (end: Int, id: Int32)? {
    var (node, index) = (ByteTrie.root, start)
    var best: (end: Int, id: Int32)?
    while index < text.count, let child = trie[node, text[index]] {
      (node, index) = (child, index + 1)
      let id = trie.id(at: node)
      if id >= 0, !special.contains(id) || authority.permits(start..<index) { best = (index, id) }
    }
    return best
  }

  private func touchesWord(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    if range.lowerBound > 0, ScalarTraits(decodeScalar(text, before: range.lowerBound).value).isWord {
      return true
    }
    return range.upperBound < text.count
      && ScalarTraits(decodeScalar(text, at: range.upperBound).value).isWord
  }

  private func spaceStart(in text: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
    var start = end
    while start > 0 {
      let (value, length) = decodeScalar(text, before: start)
      guard ScalarTraits(value).isSpace else { break }
      start -= length
    }
    return start
  }

  private func spaceEnd(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var end = start
    while end < text.count {
      let (value, length) = decodeScalar(text, at: end)
      guard ScalarTraits(value).isSpace else { break }
      end += length
    }
    return end
  }
}

extension Authority {
  var isEverybody: Bool { if case .everybody = self { true } else { false } }
}
