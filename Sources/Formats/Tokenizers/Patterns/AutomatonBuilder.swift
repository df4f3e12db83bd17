/// Makes the table of a ``PatternAutomaton`` from a program.
///
/// A state is a list of threads, best first: what a machine that backtracks would still try, in its order. A thread whose
/// match is complete ends the list, because nothing behind it is ever tried.
struct AutomatonBuilder {
  /// An instruction, and how many scalars of a bounded run were taken.
  private struct Thread: Hashable {
    let instruction: Int
    var count = 0
  }

  private struct State: Hashable {
    let threads: [Thread]
    /// The column of the scalar in front; −1 where no instruction asks.
    let previous: Int
  }

  /// The most steps that building may take.
  private static let workLimit = 1 << 18
  /// The sets that assertions ask about, in front of the program's own.
  private static let assertionSets: [ScalarSet] = [.single(10), .word]

  let classes: ScalarClasses
  let looksBehind: Bool
  private(set) var table: [UInt16] = []
  private(set) var starts: [UInt16] = []
  private let program: PatternProgram
  private var states: [State] = []
  private var numbers: [State: UInt16] = [:]
  private var work = 0

  /// The classes and the end of the text.
  var columns: Int { classes.members.count + 1 }
  private var atEnd: Int { columns - 1 }

  /// Nil where an instruction asks for more than the scalars on both sides of a place, or there are too many classes.
  init?(_ program: PatternProgram) {
    var looksBehind = false
    for instruction in program.instructions {
      switch instruction {
      case .look, .assert(.textEndOrNewline): return nil
      case .assert(.textEnd), .peek(_, behind: false, _): break
      case .assert, .peek: looksBehind = true
      default: break
      }
    }
    guard let classes = ScalarClasses(Self.assertionSets + program.sets.map(\.set)) else { return nil }
    (self.program, self.classes, self.looksBehind) = (program, classes, looksBehind)
  }

  /// False where the table would be too large.
  mutating func build() -> Bool {
    // State 0, in which nothing is left.
    states = [State(threads: [], previous: -1)]
    numbers[states[0]] = 0
    starts = (0..<columns).map { number(of: [Thread(instruction: 0)], behind: $0) }
    var index = 0
    while index < states.count {
      guard states.count * columns <= PatternAutomaton.entryLimit, work < Self.workLimit else { return false }
      for column in 0..<columns { table.append(entry(of: states[index], column)) }
      index += 1
    }
    return true
  }

  /// Whether a match can begin with a scalar of a class, or be empty in front of it, whatever stands before.
  func begins(_ column: Int) -> Bool { starts.contains { table[Int($0) * columns + column] != 0 } }

  private mutating func number(of threads: [Thread], behind previous: Int) -> UInt16 {
    let state = State(threads: threads, previous: looksBehind && !threads.isEmpty ? previous : -1)
    if let number = numbers[state] { return number }
    let number = UInt16(truncatingIfNeeded: states.count)
    states.append(state)
    numbers[state] = number
    return number
  }

  /// What becomes of a state's threads in front of a scalar of a class, or of the end.
  private mutating func entry(of state: State, _ column: Int) -> UInt16 {
    var (pending, seen, kept) = (Array(state.threads.reversed()), Set<Thread>(), [Thread]())
    var ends = false
    while let thread = pending.popLast() {
      guard seen.insert(thread).inserted else { continue }
      work += 1
      if case .match = program.instructions[thread.instruction] {
        ends = true
        break
      }
      let (next, takes) = step(thread, behind: state.previous, column)
      pending += next
      if let takes { kept.append(takes) }
    }
    // Two threads that go on alike are one, the better.
    var known = Set<Thread>()
    kept.removeAll { !known.insert($0).inserted }
    return number(of: column == atEnd ? [] : kept, behind: column) | (ends ? PatternAutomaton.ends : 0)
  }

  /// The threads that follow at the same place, the best last, and the one behind the scalar that is better than they.
  private func step(_ thread: Thread, behind previous: Int, _ column: Int) -> ([Thread], takes: Thread?) {
    let index = thread.instruction
    let onward = [Thread(instruction: index + 1)]
    switch program.instructions[index] {
    case .match: return ([], nil)
    case .set(let set): return ([], holds(set, column) ? onward[0] : nil)
    case .run(let set, let max, let possessive, _):
      guard holds(set, column), thread.count < max ?? .max else { return (onward, nil) }
      let longer = Thread(instruction: index, count: max == nil ? 0 : thread.count + 1)
      return (possessive ? [] : onward, longer)
    case .split(let first, let second, _):
      return ([Thread(instruction: second), Thread(instruction: first)], nil)
    case .jump(let target): return ([Thread(instruction: target)], nil)
    case .peek(let set, let behind, let negative):
      return (holds(set, behind ? previous : column) != negative ? onward : [], nil)
    case .assert(let kind): return (holds(kind, previous, column) ? onward : [], nil)
    case .look: return ([], nil)
    }
  }

  private func holds(_ set: Int, _ column: Int) -> Bool { member(set + Self.assertionSets.count, column) }

  /// Whether a column is a class of the set with this number; beyond the text there is nothing.
  private func member(_ set: Int, _ column: Int) -> Bool {
    column < atEnd && classes.members[column] >> UInt64(set) & 1 != 0
  }

  private func holds(_ assertion: PatternNode.Assertion, _ previous: Int, _ column: Int) -> Bool {
    switch assertion {
    case .textStart: previous == atEnd
    case .textEnd: column == atEnd
    case .lineStart: previous == atEnd || member(0, previous) && column != atEnd
    case .lineEnd: column == atEnd || member(0, column)
    case .wordBorder: member(1, previous) != member(1, column)
    case .noWordBorder: member(1, previous) == member(1, column)
    case .textEndOrNewline: false
    }
  }
}
