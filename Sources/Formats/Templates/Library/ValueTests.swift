/// What can stand behind `is`.
enum ValueTest: String {
  case boolean, callable, defined, divisibleby, eq, equalto, even, `false`, filter, float, ge, greaterthan,
    gt, `in`
  case integer, iterable, le, lessthan, lower, lt, mapping, ne, none, number, odd, sameas, sequence, string,
    test
  case `true`, undefined, upper
  case equal = "=="
  case unequal = "!="
  case atMost = "<="
  case atLeast = ">="
  case less = "<"
  case greater = ">"

  fileprivate var relation: Relation? {
    switch self {
    case .eq, .equalto, .equal: .equal
    case .ne, .unequal: .unequal
    case .lt, .lessthan, .less: .less
    case .le, .atMost: .atMost
    case .gt, .greaterthan, .greater: .greater
    case .ge, .atLeast: .atLeast
    case .in: .within
    default: nil
    }
  }
}

struct ValueTests {
  let meter: Meter

  func holds(_ test: ValueTest, _ value: Value, _ arguments: Arguments) throws(TemplateError) -> Bool {
    let takesOther = test.relation != nil || test == .sameas || test == .divisibleby
    let values = try arguments.bound(
      to: takesOther ? [test == .divisibleby ? "num" : test == .in ? "seq" : "other"] : [],
      required: takesOther ? 1 : 0, of: "test '\(test.rawValue)'", meter)
    if takesOther, let other = values[0] { return try holds(test, value, other) }
    return try holds(test, value)
  }

  private func holds(_ test: ValueTest, _ value: Value, _ other: Value) throws(TemplateError) -> Bool {
    if let relation = test.relation { return try Relations(meter: meter).holds(relation, value, other) }
    if test == .sameas { return try isSame(value, other) }
    let rest = try Calculation(meter: meter).result(.modulo, value, other)
    return try Comparison(meter: meter).areEqual(rest, .int(0))
  }

  private func holds(_ test: ValueTest, _ value: Value) throws(TemplateError) -> Bool {
    switch test {
    case .defined: return !value.isUndefined
    case .undefined: return value.isUndefined
    case .none: if case .none = value { return true }
    case .boolean: if case .bool = value { return true }
    case .true: if case .bool(true) = value { return true }
    case .false: if case .bool(false) = value { return true }
    case .integer: if case .int = value { return true }
    case .float: if case .float = value { return true }
    case .number: return value.number != nil
    case .string: return value.string != nil
    case .mapping: if case .dict = value { return true }
    case .iterable, .sequence, .callable: return hasShape(test, value)
    case .odd, .even:
      let rest = try Calculation(meter: meter).result(.modulo, value, .int(2))
      return try Comparison(meter: meter).areEqual(rest, .int(test == .odd ? 1 : 0))
    case .lower, .upper: return isCased(try Printing(meter: meter).text(value), upper: test == .upper)
    case .filter: return value.string.map { Filter(rawValue: $0.text) != nil } ?? false
    case .test: return value.string.map { ValueTest(rawValue: $0.text) != nil } ?? false
    default: break
    }
    return false
  }

  /// An undefined value can be gone through and called, as far as a test can see.
  private func hasShape(_ test: ValueTest, _ value: Value) -> Bool {
    switch value {
    case .undefined: return true
    case .string, .dict: return test != .callable
    case .sequence(let sequence):
      return test == .iterable || test == .sequence && [.list, .tuple, .range].contains(sequence.form)
    case .loop: return test == .iterable
    case .macro, .method, .function: return test == .callable
    default: return false
    }
  }

  private func isSame(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
    switch (left, right) {
    case (.sequence(let a), .sequence(let b)): return a === b
    case (.dict(let a), .dict(let b)): return a === b
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.bool, _), (_, .bool), (.int, _), (_, .int): return false
    default: return try Comparison(meter: meter).areEqual(left, right)
    }
  }

  /// Whether a text has cased characters, all of them of one case.
  private func isCased(_ text: MarkedString, upper: Bool) -> Bool { Casing.isAll(text, upper: upper) }
}
