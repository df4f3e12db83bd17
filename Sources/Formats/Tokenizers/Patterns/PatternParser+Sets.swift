extension PatternParser {
  /// What a backslash and what follows it mean outside a class.
  mutating func escape() throws(PatternError) -> PatternNode {
    switch character(ahead: 1) {
    case "b": return assertion(.wordBorder)
    case "B": return assertion(.noWordBorder)
    case "A": return assertion(.textStart)
    case "z": return assertion(.textEnd)
    case "Z": return assertion(.textEndOrNewline)
    default: return .set(try escapedSet())
    }
  }

  private mutating func assertion(_ kind: PatternNode.Assertion) -> PatternNode {
    index += 2
    return .assertion(kind)
  }

  /// The set that a backslash and what follows it mean, in a class and outside.
  private mutating func escapedSet() throws(PatternError) -> ScalarSet {
    guard let name = character(ahead: 1) else { throw PatternError(reason: "a \\ stands at the end") }
    index += 2
    switch name {
    case "d": return .categories(1 << 8)
    case "D": return .not(.categories(1 << 8))
    case "s": return .space
    case "S": return .not(.space)
    case "w": return .word
    case "W": return .not(.word)
    case "h": return .hexDigits
    case "H": return .not(.hexDigits)
    case "p", "P": return try property(negative: name == "P")
    default: return literal(try escapedScalar(name))
    }
  }

  private mutating func property(negative: Bool) throws(PatternError) -> ScalarSet {
    var name = ""
    if skip("{") {
      while let next = character(), next != "}" {
        name.append(next)
        index += 1
      }
      guard skip("}") else { throw PatternError(reason: "\\p{ has no }") }
    } else {
      throw PatternError(reason: "\\p without { is not supported")
    }
    let isInverted = name.hasPrefix("^")
    if isInverted { name.removeFirst() }
    guard let set = ScalarSet(named: name) else {
      throw PatternError(reason: "the property \\p{\(name)} is not supported")
    }
    return negative != isInverted ? .not(set) : set
  }

  private mutating func escapedScalar(_ name: Character) throws(PatternError) -> UInt32 {
    switch name {
    case "t": return 9
    case "n": return 10
    case "v": return 11
    case "f": return 12
    case "r": return 13
    case "a": return 7
    case "e": return 27
    case "x":
      if skip("{") {
        let value = hexadecimal(upTo: 6)
        guard let value, skip("}") else { throw PatternError(reason: "\\x{ has no number or no }") }
        return value
      }
      guard let value = hexadecimal(upTo: 2), value < 0x80 else {
        throw PatternError(reason: "\\x needs two digits below 80")
      }
      return value
    case "u":
      guard let value = hexadecimal(upTo: 4) else { throw PatternError(reason: "\\u needs digits") }
      return value
    default:
      guard let value = name.unicodeScalars.first?.value, value < 0x80, !name.isLetter, !name.isNumber else {
        throw PatternError(reason: "\\\(name) is not supported")
      }
      return value
    }
  }

  private mutating func hexadecimal(upTo digits: Int) -> UInt32? {
    var value: UInt32?
    for _ in 0..<digits {
      guard let next = character(), next.isASCII, let digit = next.hexDigitValue else { break }
      value = (value ?? 0) << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  /// A class, from behind its `[`.
  mutating func scalarClass(depth: Int) throws(PatternError) -> ScalarSet {
    guard depth > 0 else { throw PatternError(reason: "classes stand too deep in each other") }
    let isNegative = skip("^")
    var (members, left): ([ScalarSet], ScalarSet?) = ([], nil)
    while !skip("]") {
      guard let next = character() else { throw PatternError(reason: "a [ has no ]") }
      if skip("&&") {
        left = Self.intersection(left, members)
        members = []
      } else if skip("[:") {
        members.append(try posixClass())
      } else if next == "[" {
        index += 1
        members.append(try scalarClass(depth: depth - 1))
      } else {
        members.append(try classMember())
      }
    }
    guard !members.isEmpty else { throw PatternError(reason: "a class is empty") }
    let set = Self.intersection(left, members)
    return isNegative ? .not(set) : set
  }

  private static func intersection(_ left: ScalarSet?, _ members: [ScalarSet]) -> ScalarSet {
    let right = members.count == 1 ? members[0] : ScalarSet.union(members)
    return left.map { .intersection($0, right) } ?? right
  }

  private mutating func posixClass() throws(PatternError) -> ScalarSet {
    let isNegative = skip("^")
    var name = ""
    while let next = character(), next.isLetter {
      name.append(next)
      index += 1
    }
    guard skip(":]"), let set = ScalarSet.posix(name) else {
      throw PatternError(reason: "[:\(name):] is not supported")
    }
    return isNegative ? .not(set) : set
  }

  /// A scalar, a range of scalars, or an escaped set.
  private mutating func classMember() throws(PatternError) -> ScalarSet {
    guard let low = try classScalar() else { return try escapedSet() }
    guard character() == "-", let after = character(ahead: 1), after != "]", after != "[" else {
      return literal(low)
    }
    let dash = index
    index += 1
    guard let high = try classScalar() else {
      index = dash
      return literal(low)
    }
    guard low <= high else { throw PatternError(reason: "a range ends before it begins") }
    return flags.ignoresCase ? .folded(.range(low...high)) : .range(low...high)
  }

  /// The scalar here; nil where an escaped set stands here instead.
  private mutating func classScalar() throws(PatternError) -> UInt32? {
    guard character() == "\\" else {
      index += 1
      return scalars[index - 1]
    }
    guard let name = character(ahead: 1) else { throw PatternError(reason: "a \\ stands at the end") }
    if "dDsSwWhHpP".contains(name) { return nil }
    index += 2
    return name == "b" ? 8 : try escapedScalar(name)
  }
}
