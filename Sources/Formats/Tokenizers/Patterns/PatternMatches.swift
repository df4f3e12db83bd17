/// The matches of a pattern in a text, one after another, empty ones included where no match ends.
struct PatternMatches {
  private let text: UnsafeBufferPointer<UInt8>
  private let memory: PatternMemory?
  private var matcher: PatternMatcher?
  private var start = 0
  private var lastEnd: Int?

  /// - Parameter memory: What matches of the same pattern in another text left; nil for none.
  init(
    _ pattern: CompiledPattern, in text: UnsafeBufferPointer<UInt8>, _ memory: PatternMemory? = nil
  ) {
    (self.text, self.memory) = (text, memory)
    matcher = PatternMatcher(pattern, in: text, memory?.take() ?? PatternMatcher.Memory())
  }

  /// Leaves the memory to the next.
  mutating func finish() {
    // Taken, not copied: the memory would be copied with it.
    if let memory, let matcher = matcher.take() { memory.leave(matcher.release()) }
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

/// Memory that the matches of one pattern in many texts use in turn, so that a word allocates nothing.
final class PatternMemory {
  private var memory = PatternMatcher.Memory()

  func take() -> PatternMatcher.Memory {
    defer { memory = PatternMatcher.Memory() }
    return memory
  }

  func leave(_ memory: PatternMatcher.Memory) { self.memory = memory }
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
