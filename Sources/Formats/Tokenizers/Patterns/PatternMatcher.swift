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
    let (instructions, sets) = (pattern.instructions, pattern.sets)
    stack.removeAll(keepingCapacity: true)
    var (index, place) = (0, start)
    while true {
      var leads: Bool
      switch instructions[index] {
      case .match: return place
      case .set(let set):
        leads = false
        if place < text.count {
          let (value, length) = decodeScalar(text, at: place)
          if sets[set].holds(value) {
            (index, place, leads) = (index + 1, place + length, true)
          }
        }
      case .run(let set, let max, let possessive, let memo):
        leads = run(sets[set], max, possessive, memo, index, &place)
        if leads { index += 1 }
      case .split(let first, let second, let memo):
        leads = visited.insert(memo, at: place)
        if leads {
          stack.append(Frame(instruction: second, place: place, low: place))
          index = first
        }
      case .jump(let target): (index, leads) = (target, true)
      case .peek(let set, let behind, let negative):
        leads = Self.peek(sets[set], text, place, behind: behind) != negative
        if leads { index += 1 }
      case .look(let look, let negative):
        leads = table(look)[place] != negative
        if leads { index += 1 }
      case .assert(let kind):
        leads = Self.holds(kind, text, place)
        if leads { index += 1 }
      }
      if leads { continue }
      guard let frame = stack.popLast() else { return nil }
      (index, place) = (frame.instruction, frame.place)
      if place > frame.low {
        let before = place - decodeScalar(text, before: place).length
        stack.append(Frame(instruction: index, place: before, low: frame.low))
      }
    }
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

/// Which branches were tried at which places, from a place on.
struct VisitedBranches {
  private let branches: Int
  private var base = 0
  /// The furthest place that has a mark; below `base` where none has.
  private var furthest = -1
  private var bits: [UInt64] = []

  init(branches: Int) { self.branches = branches }

  /// Marks a branch; false where it was marked.
  @inline(__always)
  mutating func insert(_ branch: Int, at place: Int) -> Bool {
    let bit = (place - base) * branches + branch
    while bit >> 6 >= bits.count { bits.append(0) }
    let mask = UInt64(1) << UInt64(bit & 63)
    guard bits[bit >> 6] & mask == 0 else { return false }
    bits[bit >> 6] |= mask
    furthest = max(furthest, place)
    return true
  }

  /// A match ended at `place`: branches that lie on its way are marked there and did not fail.
  mutating func succeed(at place: Int) {
    guard place <= furthest else { return }
    for branch in 0..<branches {
      let bit = (place - base) * branches + branch
      if bit >> 6 < bits.count { bits[bit >> 6] &= ~(1 << UInt64(bit & 63)) }
    }
  }

  /// Nothing before `place` will be asked any more.
  mutating func forget(before place: Int) {
    // Marks further on are kept: what failed there needs no second attempt.
    guard furthest <= place || bits.count > 4 && (furthest - place) * 2 < furthest - base else { return }
    guard furthest > place else { return reset(to: place) }
    let kept = (place - base) * branches
    var moved: [UInt64] = Array(repeating: 0, count: ((furthest - place + 1) * branches) >> 6 + 1)
    for bit in 0..<(furthest - place + 1) * branches {
      let old = bit + kept
      if old >> 6 < bits.count, bits[old >> 6] >> UInt64(old & 63) & 1 != 0 {
        moved[bit >> 6] |= 1 << UInt64(bit & 63)
      }
    }
    bits = moved
    base = place
  }

  /// Begins with another text.
  mutating func restart() { reset(to: 0) }

  private mutating func reset(to place: Int) {
    let used = furthest < base ? 0 : min(bits.count, ((furthest - base + 1) * branches) >> 6 + 1)
    for word in 0..<used { bits[word] = 0 }
    base = place
    furthest = -1
  }
}
