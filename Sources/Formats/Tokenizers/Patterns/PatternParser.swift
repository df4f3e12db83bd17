/// Reads a pattern in the spelling of Oniguruma's Ruby syntax, which `tokenizers` uses.
struct PatternParser {
  /// How deep groups and classes may stand in each other, and how many repetitions a count may ask for.
  static let depth = 32
  static let countLimit = 256
  static let lengthLimit = 4096

  struct Flags {
    var ignoresCase = false
    var dotMatchesNewline = false
    var isExtended = false
  }

  var scalars: [UInt32]
  var index = 0
  var flags = Flags()

  static func parse(_ text: String) throws(PatternError) -> PatternNode {
    let scalars = text.unicodeScalars.map(\.value)
    guard scalars.count <= lengthLimit else { throw PatternError(reason: "it is longer than \(lengthLimit)") }
    var parser = PatternParser(scalars: scalars)
    let node = try parser.alternation(depth: depth)
    guard parser.index == scalars.count else { throw PatternError(reason: "a ) has no (") }
    return node
  }

  func character(ahead: Int = 0) -> Character? {
    guard index + ahead < scalars.count, let scalar = Unicode.Scalar(scalars[index + ahead]) else {
      return nil
    }
    return Character(scalar)
  }

  mutating func skip(_ text: String) -> Bool {
    let wanted = text.unicodeScalars.map(\.value)
    guard scalars[index...].starts(with: wanted) else { return false }
    index += wanted.count
    return true
  }

  /// Branches up to a `)` or the end. Flags that are set within last to the end of the group.
  mutating func alternation(depth: Int) throws(PatternError) -> PatternNode {
    guard depth > 0 else { throw PatternError(reason: "groups stand too deep in each other") }
    let outer = flags
    defer { flags = outer }
    var branches: [PatternNode] = []
    repeat { branches.append(try sequence(depth: depth)) } while skip("|")
    return branches.count == 1 ? branches[0] : .alternation(branches)
  }

  private mutating func sequence(depth: Int) throws(PatternError) -> PatternNode {
    var parts: [PatternNode] = []
    var folding = FoldingCheck()
    while let next = character(), next != "|", next != ")" {
      if flags.isExtended, skipSpace() { continue }
      if skip("(?#") {
        while let inside = character(), inside != ")" { _ = skip(String(inside)) }
        guard skip(")") else { throw PatternError(reason: "a comment has no end") }
        continue
      }
      let start = index
      guard let atom = try atom(depth: depth) else { continue }
      try folding.add(scalars[start..<index], ignoresCase: flags.ignoresCase)
      parts.append(try quantified(atom))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func skipSpace() -> Bool {
    guard let next = character() else { return false }
    if next == "#" {
      while let inside = character(), inside != "\n" { _ = skip(String(inside)) }
      return true
    }
    guard next.isWhitespace else { return false }
    index += 1
    return true
  }

  /// One unit; nil where flags changed alone.
  private mutating func atom(depth: Int) throws(PatternError) -> PatternNode? {
    let value = scalars[index]
    switch character() {
    case "(": return try group(depth: depth)
    case "[":
      index += 1
      return .set(try scalarClass(depth: depth - 1))
    case ".":
      index += 1
      return .set(flags.dotMatchesNewline ? .any : .not(.single(10)))
    case "^":
      index += 1
      return .assertion(.lineStart)
    case "$":
      index += 1
      return .assertion(.lineEnd)
    case "\\": return try escape()
    case "*", "+", "?": throw PatternError(reason: "a repetition has nothing to repeat")
    default:
      index += 1
      return .set(literal(value))
    }
  }

  func literal(_ value: UInt32) -> ScalarSet {
    flags.ignoresCase ? .folded(.single(value)) : .single(value)
  }

  private mutating func quantified(_ atom: PatternNode) throws(PatternError) -> PatternNode {
    var node = atom
    var count = 0
    while let (min, max, isCount) = try quantifier() {
      count += 1
      guard count <= 4 else { throw PatternError(reason: "more than four repetitions follow each other") }
      var greed = PatternNode.Greed.greedy
      if !isCount, skip("+") {
        greed = .possessive
      } else if skip("?") {
        guard !isCount || min != max else { throw PatternError(reason: "{n}? is not supported") }
        greed = .lazy
      }
      if case .look = node { throw PatternError(reason: "a repeated look-around is not supported") }
      node = .repetition(node, min: min, max: max, greed)
    }
    return node
  }

  private mutating func quantifier() throws(PatternError) -> (min: Int, max: Int?, isCount: Bool)? {
    if skip("*") { return (0, nil, false) }
    if skip("+") { return (1, nil, false) }
    if skip("?") { return (0, 1, false) }
    guard character() == "{" else { return nil }
    let start = index
    index += 1
    let min = number()
    var max = min
    let hasComma = skip(",")
    if hasComma { max = number() }
    guard skip("}"), min != nil || max != nil else {
      index = start
      return nil
    }
    for count in [min, max] where count ?? 0 > Self.countLimit {
      throw PatternError(reason: "a count is above \(Self.countLimit)")
    }
    if let min, let max, max < min { throw PatternError(reason: "a count ends before it begins") }
    return (min ?? 0, max, true)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let digit = character()?.wholeNumberValue, character()?.isASCII == true, value ?? 0 < 100_000 {
      value = (value ?? 0) * 10 + digit
      index += 1
    }
    return value
  }
}

/// Refuses what Oniguruma would match by several scalars at once: "ss" without regard to case is also "ß".
private struct FoldingCheck {
  private var last: UInt32?
  private static let pairs: Set<String> = ["ss", "ff", "fi", "fl", "st"]

  mutating func add(_ source: ArraySlice<UInt32>, ignoresCase: Bool) throws(PatternError) {
    guard ignoresCase, source.count == 1, let value = source.first, let scalar = Unicode.Scalar(value) else {
      last = nil
      return
    }
    if scalar.properties.uppercaseMapping.unicodeScalars.count > 1 {
      throw PatternError(reason: "'\(scalar)' without regard to case is not supported")
    }
    if let last, let before = Unicode.Scalar(last), Self.pairs.contains("\(before)\(scalar)".lowercased()) {
      throw PatternError(reason: "'\(before)\(scalar)' without regard to case is not supported")
    }
    last = value
  }
}
