/// Names and literals.
extension Parser {
  mutating func primary() throws(TemplateError) -> Expression {
    let line = line
    switch current.kind {
    case .name(let name):
      advance()
      return try named(name, line: line)
    case .string: return try string()
    case .integer(let value):
      advance()
      return try make(.integer(value), line: line)
    case .float(let value):
      advance()
      return try make(.float(value), line: line)
    case .symbol(.openParenthesis): return try parenthesized()
    case .symbol(.openBracket): return try list()
    case .symbol(.openBrace): return try dict()
    default: throw unexpected("a value")
    }
  }

  private mutating func named(_ name: String, line: Int) throws(TemplateError) -> Expression {
    switch name {
    case "true", "True": return try make(.bool(true), line: line)
    case "false", "False": return try make(.bool(false), line: line)
    case "none", "None": return try make(.none, line: line)
    default:
      let id = names.id(name)
      names.markRead(id)
      return try make(.name(id), line: line)
    }
  }

  /// Strings that follow each other are one.
  private mutating func string() throws(TemplateError) -> Expression {
    let line = line
    var text = ""
    while case .string(let part) = current.kind {
      text += part
      advance()
    }
    return try make(.string(MarkedString(template: text)), line: line)
  }

  private mutating func parenthesized() throws(TemplateError) -> Expression {
    let line = line
    try expect(.openParenthesis)
    var parts: [Expression] = []
    var isTuple = isSymbol(.closeParenthesis)
    while !isSymbol(.closeParenthesis) {
      parts.append(try expression())
      guard take(.comma) else { break }
      isTuple = true
    }
    try expect(.closeParenthesis)
    return isTuple ? try make(.tuple(parts), parts, line: line) : parts[0]
  }

  private mutating func list() throws(TemplateError) -> Expression {
    let line = line
    try expect(.openBracket)
    var parts: [Expression] = []
    while !isSymbol(.closeBracket) {
      parts.append(try expression())
      guard take(.comma) else { break }
    }
    try expect(.closeBracket)
    return try make(.list(parts), parts, line: line)
  }

  private mutating func dict() throws(TemplateError) -> Expression {
    let line = line
    try expect(.openBrace)
    var entries: [(key: Expression, value: Expression)] = []
    while !isSymbol(.closeBrace) {
      let key = try expression()
      try expect(.colon)
      entries.append((key, try expression()))
      guard take(.comma) else { break }
    }
    try expect(.closeBrace)
    return try make(.dict(entries), entries.flatMap { [$0.key, $0.value] }, line: line)
  }

  /// A list of expressions without parentheses, which is a tuple if there is a comma.
  mutating func looseTuple(withChoice: Bool) throws(TemplateError) -> Expression {
    let line = line
    var parts = [try expression(withChoice: withChoice)]
    guard isSymbol(.comma) else { return parts[0] }
    while take(.comma) {
      if current.kind == .blockEnd || current.kind == .outputEnd { break }
      parts.append(try expression(withChoice: withChoice))
    }
    return try make(.tuple(parts), parts, line: line)
  }
}
