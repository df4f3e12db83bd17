/// Operators, from the loosest to the tightest.
extension Parser {
  /// An expression, with `a if b else c` unless that is told not to be one here.
  mutating func expression(withChoice: Bool = true) throws(TemplateError) -> Expression {
    try deeper { p throws(TemplateError) in
      let value = try p.either()
      guard withChoice else { return value }
      return try p.choice(of: value)
    }
  }

  private mutating func choice(of first: Expression) throws(TemplateError) -> Expression {
    var value = first
    while isName("if") {
      let line = line
      advance()
      let condition = try either()
      let otherwise = take(name: "else") ? try expression() : nil
      let parts = [value, condition] + (otherwise.map { [$0] } ?? [])
      value = try make(.choice(value, condition: condition, otherwise: otherwise), parts, line: line)
    }
    return value
  }

  private mutating func either() throws(TemplateError) -> Expression {
    var left = try both()
    while isName("or") {
      let line = line
      advance()
      let right = try both()
      left = try make(.either(left, right), [left, right], line: line)
    }
    return left
  }

  private mutating func both() throws(TemplateError) -> Expression {
    var left = try negation()
    while isName("and") {
      let line = line
      advance()
      let right = try negation()
      left = try make(.both(left, right), [left, right], line: line)
    }
    return left
  }

  private mutating func negation() throws(TemplateError) -> Expression {
    guard isName("not") else { return try comparison() }
    let line = line
    advance()
    let value = try deeper { p throws(TemplateError) in try p.negation() }
    return try make(.not(value), [value], line: line)
  }

  private mutating func comparison() throws(TemplateError) -> Expression {
    let line = line
    let first = try arithmetic(0)
    var rest: [(relation: Relation, value: Expression)] = []
    while let relation = takeRelation() { rest.append((relation, try arithmetic(0))) }
    if rest.isEmpty { return first }
    return try make(.comparison(first, rest), [first] + rest.map(\.value), line: line)
  }

  private mutating func takeRelation() -> Relation? {
    var relation: Relation?
    switch current.kind {
    case .symbol(let symbol): relation = Relation(rawValue: symbol.rawValue)
    case .name("in"): relation = .within
    case .name("not") where following.kind == .name("in"):
      advance()
      relation = .notWithin
    default: break
    }
    if relation != nil { advance() }
    return relation
  }

  /// The operators of sums, products and powers, each of which binds from left to right; `~` stands between the first two.
  private static let levels: [[Token.Symbol]] = [
    [.plus, .minus], [.tilde], [.times, .divide, .floorDivide, .modulo], [.power],
  ]

  private mutating func arithmetic(_ level: Int) throws(TemplateError) -> Expression {
    if level == Self.levels.count { return try unary(withFilters: true) }
    if level == 1 { return try concatenation() }
    var left = try arithmetic(level + 1)
    while case .symbol(let symbol) = current.kind, Self.levels[level].contains(symbol),
      let operation = Arithmetic(rawValue: symbol.rawValue)
    {
      let line = line
      advance()
      let right = try arithmetic(level + 1)
      left = try make(.arithmetic(operation, left, right), [left, right], line: line)
    }
    return left
  }

  private mutating func concatenation() throws(TemplateError) -> Expression {
    let line = line
    var parts = [try arithmetic(2)]
    while take(.tilde) { parts.append(try arithmetic(2)) }
    return parts.count == 1 ? parts[0] : try make(.concatenation(parts), parts, line: line)
  }

  /// A value with its sign, and what stands behind it: members, calls, filters and tests.
  func isSign() -> Bool { isSymbol(.minus) || isSymbol(.plus) }

  mutating func unary(withFilters: Bool) throws(TemplateError) -> Expression {
    let line = line
    var value: Expression
    if isSign() {
      let isNegative = isSymbol(.minus)
      advance()
      let operand = try deeper { p throws(TemplateError) in try p.unary(withFilters: false) }
      value = try make(isNegative ? .negative(operand) : .positive(operand), [operand], line: line)
    } else {
      value = try primary()
    }
    value = try postfixes(of: value)
    return withFilters ? try filtersAndTests(of: value) : value
  }
}
