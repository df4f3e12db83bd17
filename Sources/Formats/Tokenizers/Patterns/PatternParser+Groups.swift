extension PatternParser {
  /// A group, a look-around or a change of flags, from its `(`; nil for the last.
  mutating func group(depth: Int) throws(PatternError) -> PatternNode? {
    index += 1
    if skip("?:") { return try body(depth) }
    if skip("?=") { return .look(behind: false, negative: false, try body(depth)) }
    if skip("?!") { return .look(behind: false, negative: true, try body(depth)) }
    if skip("?<=") { return .look(behind: true, negative: false, try body(depth)) }
    if skip("?<!") { return .look(behind: true, negative: true, try body(depth)) }
    if skip("?>") { return try atomic(try body(depth)) }
    if skip("?<") || skip("?'") {
      while let next = character(), next != ">", next != "'" { index += 1 }
      guard skip(">") || skip("'") else { throw PatternError(reason: "the name of a group has no end") }
      return try body(depth)
    }
    if skip("?") { return try flagged(depth) }
    return try body(depth)
  }

  private mutating func body(_ depth: Int) throws(PatternError) -> PatternNode {
    let node = try alternation(depth: depth - 1)
    guard skip(")") else { throw PatternError(reason: "a ( has no )") }
    return node
  }

  /// A repetition of one scalar that gives nothing back.
  private func atomic(_ node: PatternNode) throws(PatternError) -> PatternNode {
    switch node {
    case .set: return node
    case .repetition(let body, let min, let max, .greedy) where body.singleSet != nil:
      return .repetition(body, min: min, max: max, .possessive)
    default: throw PatternError(reason: "(?>…) is supported for a repetition of one character alone")
    }
  }

  /// `(?i:…)` and `(?i)`, from behind the `?`.
  private mutating func flagged(_ depth: Int) throws(PatternError) -> PatternNode? {
    let outer = flags
    var isOn = true
    while let next = character(), next != ":", next != ")" {
      switch next {
      case "i": flags.ignoresCase = isOn
      case "m": flags.dotMatchesNewline = isOn
      case "x": flags.isExtended = isOn
      case "-": isOn = false
      default: throw PatternError(reason: "(?\(next) is not supported")
      }
      index += 1
    }
    if skip(")") { return nil }
    guard skip(":") else { throw PatternError(reason: "a ( has no )") }
    defer { flags = outer }
    return try body(depth)
  }
}
