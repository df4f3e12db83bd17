import Vocabulary

/// Finds the matches of a pattern in one text, in time linear in it.
///
/// A backtracking machine takes the first way that leads to a match, as Oniguruma does. It marks each branch that it tries
/// at a place and never tries it there again: whether a branch leads to a match depends on the place alone, not on how the
/// machine came there, because there are no back references. So a text costs O(branches) steps a character, over all searches
/// together, and a bit of memory per branch and character that was looked at ahead of the matches.
struct PatternMatcher {
  private let pattern: CompiledPattern
  private let text: UnsafeBufferPointer<UInt8>
  private var tables: [LookaheadTable?]
  private var stack: [Frame]
  private var visited: VisitedBranches

  /// What one matcher leaves to the next of the same pattern.
  struct Memory {
    fileprivate var stack: [Frame] = []
    fileprivate var visited: VisitedBranches?
  }

  /// A way that is left to try: from `place`, or from any place of a run down to `low`.
  fileprivate struct Frame {
    let instruction: Int
    let place: Int
    let low: Int
  }

  init(_ pattern: CompiledPattern, in text: UnsafeBufferPointer<UInt8>, _ memory: consuming Memory) {
    self.pattern = pattern
    self.text = text
    tables = Array(repeating: nil, count: pattern.program.lookaheads.count)
    stack = memory.stack
    visited = memory.visited ?? VisitedBranches(branches: pattern.program.memos)
  }

  /// The memory, for another text; the matcher is done.
  consuming func release() -> Memory {
    visited.restart()
    return Memory(stack: stack, visited: visited)
  }

  /// The leftmost match that begins at `start` or later.
  mutating func next(from start: Int) -> Range<Int>? {
    var start = start
    while start <= text.count {
      if let first = pattern.first {
        while start < text.count {
          let (value, length) = decodeScalar(text, at: start)
          if first.holds(value) { break }
          start += length
        }
        if start >= text.count { return nil }
      }
      visited.forget(before: start)
      if let end = match(at: start) {
        visited.succeed(at: end)
        return start..<end
      }
      start += start < text.count ? decodeScalar(text, at: start).length : 1
    }
    return nil
  }

  /// The end of the match at `start`.
  private mutating func match(at start: Int) -> Int? {
    stack.removeAll(keepingCapacity: true)
    var (index, place) = (0, start)
    while true {
      if case .match = pattern.instructions[index] { return place }
      if step(&index, &place) { continue }
      guard let frame = stack.popLast() else { return nil }
      (index, place) = (frame.instruction, frame.place)
      if place > frame.low {
        let before = place - decodeScalar(text, before: place).length
        stack.append(Frame(instruction: index, place: before, low: frame.low))
      }
    }
  }

  /// Goes on by one instruction; false where it leads nowhere.
  @inline(__always)
  private mutating func step(_ index: inout Int, _ place: inout Int) -> Bool {
    let sets = pattern.sets
    switch pattern.instructions[index] {
    case .match: return true
    case .set(let set):
      guard place < text.count else { return false }
      let (value, length) = decodeScalar(text, at: place)
      guard sets[set].holds(value) else { return false }
      place += length
    case .run(let set, let max, let possessive, let memo):
      guard run(sets[set], max, possessive, memo, index, &place) else { return false }
    case .split(let first, let second, let memo):
      guard visited.insert(memo, at: place) else { return false }
      stack.append(Frame(instruction: second, place: place, low: place))
      index = first
      return true
    case .jump(let target):
      index = target
      return true
    case .peek(let set, let behind, let negative):
      guard Self.peek(sets[set], text, place, behind: behind) != negative else { return false }
    case .look(let look, let negative): guard table(look)[place] != negative else { return false }
    case .assert(let kind): guard Self.holds(kind, text, place) else { return false }
    }
    index += 1
    return true
  }

  /// Takes what it can of a run; false where it was tried from here before.
  private mutating func run(
    _ set: CompiledSet, _ max: Int?, _ possessive: Bool, _ memo: Int, _ index: Int, _ place: inout Int
  ) -> Bool {
    guard visited.insert(memo, at: place) else { return false }
    let start = place
    var count = 0
    while place < text.count, count < max ?? .max {
      let (value, length) = decodeScalar(text, at: place)
      guard set.holds(value) else { break }
      // From a place within an unbounded run all that this one can give back is tried as well.
      if max == nil, !visited.insert(memo, at: place + length) {
        if possessive { return false }
        break
      }
      place += length
      count += 1
    }
    if !possessive, place > start {
      let before = place - decodeScalar(text, before: place).length
      stack.append(Frame(instruction: index + 1, place: before, low: start))
    }
    return true
  }

  private mutating func table(_ look: Int) -> LookaheadTable {
    if let table = tables[look] { return table }
    let table = LookaheadTable(pattern.program.lookaheads[look], over: text)
    tables[look] = table
    return table
  }

  static func peek(
    _ set: CompiledSet, _ text: UnsafeBufferPointer<UInt8>, _ place: Int, behind: Bool
  ) -> Bool {
    if behind { return place > 0 && set.holds(decodeScalar(text, before: place).value) }
    return place < text.count && set.holds(decodeScalar(text, at: place).value)
  }

  static func holds(
    _ assertion: PatternNode.Assertion, _ text: UnsafeBufferPointer<UInt8>, _ place: Int
  ) -> Bool {
    switch assertion {
    case .textStart: return place == 0
    case .textEnd: return place == text.count
    case .textEndOrNewline: return place == text.count || place == text.count - 1 && text[place] == 10
    case .lineStart: return place == 0 || text[place - 1] == 10 && place < text.count
    case .lineEnd: return place == text.count || text[place] == 10
    case .wordBorder, .noWordBorder:
      let before = place > 0 && ScalarTraits(decodeScalar(text, before: place).value).isPatternWord
      let after = place < text.count && ScalarTraits(decodeScalar(text, at: place).value).isPatternWord
      return (before != after) == (assertion == .wordBorder)
    }
  }
}
