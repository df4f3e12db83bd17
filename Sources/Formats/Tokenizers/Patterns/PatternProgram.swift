/// A pattern as instructions of a backtracking machine.
struct PatternProgram: Sendable {
  enum Instruction: Sendable {
    case set(Int)
    /// As many scalars of a set as there are, at most `max`; then fewer, unless `possessive`. `memo` as for ``split``.
    case run(set: Int, max: Int?, possessive: Bool, memo: Int)
    /// Goes on at `first`; if that fails, at `second`. `memo` numbers the places that are tried once per position.
    case split(first: Int, second: Int, memo: Int)
    case jump(Int)
    /// Whether the scalar ahead or behind is in a set.
    case peek(set: Int, behind: Bool, negative: Bool)
    /// Whether a lookahead that is no single scalar holds.
    case look(Int, negative: Bool)
    case assert(PatternNode.Assertion)
    case match
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sets: [CompiledSet] = []
  private(set) var lookaheads: [PatternProgram] = []
  private(set) var memos = 0

  /// The most instructions of a pattern with its lookaheads.
  static let limit = 4096

  init(_ node: PatternNode) throws(PatternError) { try self.init(node, unrolls: false) }

  /// - Parameter unrolls: Whether bounded runs become single steps, which a lookahead's table needs.
  private init(_ node: PatternNode, unrolls: Bool) throws(PatternError) {
    try compile(node, unrolls)
    try emit(.match)
  }

  private mutating func emit(_ instruction: Instruction) throws(PatternError) {
    guard instructions.count < Self.limit else { throw PatternError(reason: "it is too large") }
    instructions.append(instruction)
  }

  private mutating func add(_ set: ScalarSet) -> Int {
    sets.append(CompiledSet(set))
    return sets.count - 1
  }

  private mutating func newMemo() -> Int {
    memos += 1
    return memos - 1
  }

  private mutating func compile(_ node: PatternNode, _ unrolls: Bool) throws(PatternError) {
    switch node {
    case .set(let set): try emit(.set(add(set)))
    case .sequence(let parts): for part in parts { try compile(part, unrolls) }
    case .alternation(let branches): try compile(branches[...], unrolls)
    case .repetition(let body, let min, let max, let greed):
      try compile(body, min, max, greed, unrolls)
    case .look(let behind, let negative, let body):
      try compile(body, behind: behind, negative: negative, unrolls)
    case .assertion(let kind): try emit(.assert(kind))
    }
  }

  private mutating func compile(_ branches: ArraySlice<PatternNode>, _ unrolls: Bool) throws(PatternError) {
    var ends: [Int] = []
    for branch in branches.dropLast() {
      let split = instructions.count
      try emit(.match)
      try compile(branch, unrolls)
      ends.append(instructions.count)
      try emit(.match)
      instructions[split] = .split(first: split + 1, second: instructions.count, memo: newMemo())
    }
    if let last = branches.last { try compile(last, unrolls) }
    for end in ends { instructions[end] = .jump(instructions.count) }
  }

  private mutating func compile(
    _ body: PatternNode, _ min: Int, _ max: Int?, _ greed: PatternNode.Greed, _ unrolls: Bool
  ) throws(PatternError) {
    guard greed != .possessive || body.singleSet != nil && !unrolls else {
      throw PatternError(reason: "a possessive repetition is supported for one character alone")
    }
    for _ in 0..<min { try compile(body, unrolls) }
    let rest = max.map { $0 - min }
    if rest == 0 { return }
    if let set = body.singleSet, greed != .lazy, !unrolls || rest == nil {
      return try emit(
        .run(set: add(set), max: rest, possessive: greed == .possessive, memo: newMemo()))
    }
    guard let rest else { return try compileLoop(body, greed, unrolls) }
    var splits: [Int] = []
    for _ in 0..<rest {
      splits.append(instructions.count)
      try emit(.match)
      try compile(body, unrolls)
    }
    for split in splits { instructions[split] = branch(into: split + 1, or: instructions.count, greed) }
  }

  private mutating func compileLoop(
    _ body: PatternNode, _ greed: PatternNode.Greed, _ unrolls: Bool
  ) throws(PatternError) {
    let split = instructions.count
    try emit(.match)
    try compile(body, unrolls)
    try emit(.jump(split))
    instructions[split] = branch(into: split + 1, or: instructions.count, greed)
  }

  private mutating func branch(into body: Int, or end: Int, _ greed: PatternNode.Greed) -> Instruction {
    let memo = newMemo()
    return greed == .lazy
      ? .split(first: end, second: body, memo: memo) : .split(first: body, second: end, memo: memo)
  }

  private mutating func compile(
    _ body: PatternNode, behind: Bool, negative: Bool, _ unrolls: Bool
  ) throws(PatternError) {
    if let set = body.singleSet { return try emit(.peek(set: add(set), behind: behind, negative: negative)) }
    guard !behind else { throw PatternError(reason: "a lookbehind is supported for one character alone") }
    guard !unrolls else { throw PatternError(reason: "a lookahead within a lookahead is too long") }
    guard lookaheads.count < 16 else { throw PatternError(reason: "it has more than 16 lookaheads") }
    lookaheads.append(try PatternProgram(body, unrolls: true))
    try emit(.look(lookaheads.count - 1, negative: negative))
  }
}
