import Vocabulary

/// The matches of a pattern in one text after another, empty ones included where no match ends.
///
/// The pattern's automaton finds them, and the matcher where there is none. An automaton that looks far ahead of what it finds
/// would do so again from the next place, so such a text is left to the matcher: together both cost O(n).
struct PatternMatches {
  private let pattern: CompiledPattern
  private let automaton: PatternAutomaton?
  private var text = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private var isLeftToMatcher = false
  private var matcher: PatternMatcher?
  /// What the matcher of one text leaves to the next, so that a word allocates nothing.
  private var memory = PatternMatcher.Memory()
  private var start = 0
  private var lastEnd = -1
  /// The bytes that the automaton saw without or behind a match.
  private var wasted = 0

  /// How much the automaton may waste, in bytes for each byte that is done, and from the beginning.
  private static let waste = (perByte: 4, least: 64)

  /// - Parameter usesAutomaton: Whether an automaton may search; what is found is the same.
  init(_ pattern: CompiledPattern, usesAutomaton: Bool = true) {
    self.pattern = pattern
    automaton = usesAutomaton ? pattern.automaton : nil
  }

  /// Begins with a text, which stays valid up to the last call of ``next()``.
  @inline(__always)
  mutating func restart(in text: UnsafeBufferPointer<UInt8>) {
    self.text = text
    (start, lastEnd, wasted) = (0, -1, 0)
    if isLeftToMatcher, let matcher = matcher.take() { memory = matcher.release() }
    isLeftToMatcher = automaton == nil
  }

  mutating func next() -> Range<Int>? {
    while start <= text.count, let match = find() {
      let isRepeated = match.isEmpty && lastEnd == match.upperBound
      start = match.upperBound
      if !isRepeated {
        lastEnd = match.upperBound
        return match
      }
      start += step(at: start)
    }
    return nil
  }

  /// The leftmost match that begins at `start` or later.
  @inline(__always)
  private mutating func find() -> Range<Int>? {
    while !isLeftToMatcher, let automaton {
      guard start <= text.count, let place = automaton.candidate(in: text, from: start) else { return nil }
      let (end, reached) = automaton.match(in: text, at: place)
      wasted += reached - max(end, place)
      if wasted > Self.waste.perByte * place + Self.waste.least { isLeftToMatcher = true }
      if end >= 0 { return place..<end }
      start = place + step(at: place)
    }
    return searched()
  }

  /// The same by the matcher.
  private mutating func searched() -> Range<Int>? {
    if matcher == nil {
      matcher = PatternMatcher(pattern, in: text, memory)
      memory = PatternMatcher.Memory()
    }
    return matcher?.next(from: start)
  }

  private func step(at place: Int) -> Int {
    place < text.count ? decodeScalar(text, at: place).length : 1
  }
}
