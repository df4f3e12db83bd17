/// The matches of a pattern in a text, one after another, empty ones included where no match ends.
struct PatternMatches {
  private let pattern: CompiledPattern
  private let text: UnsafeBufferPointer<UInt8>
  private var matcher: PatternMatcher?
  private var start = 0
  private var lastEnd: Int?

  init(_ pattern: CompiledPattern, in text: UnsafeBufferPointer<UInt8>) {
    (self.pattern, self.text) = (pattern, text)
    // Many words hold nothing that a match could begin with; they need no machine.
    if pattern.mayMatch(in: text) { matcher = PatternMatcher(pattern, in: text) }
  }

  mutating func next() -> Range<Int>? {
    while start <= text.count, let match = matcher?.next(from: start) {
      let isRepeated = match.isEmpty && lastEnd == match.upperBound
      (start, lastEnd) = (match.upperBound, isRepeated ? lastEnd : match.upperBound)
      if !isRepeated { return match }
      start += start < text.count ? decodeScalar(text, at: start).length : 1
    }
    return nil
  }
}

extension CompiledPattern {
  /// Whether `text` holds a scalar that a match can begin with.
  func mayMatch(in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first else { return true }
    var index = 0
    while index < text.count {
      let (value, length) = decodeScalar(text, at: index)
      if first.holds(value) { return true }
      index += length
    }
    return false
  }
}
