/// Makes a tree of tokens. Recursion is bounded by ``TemplateLimits/sourceDepth``, which is checked before each descent.
struct Parser {
  private let tokens: [Token]
  private var place = 0
  private var depth = 0
  var names = NameTable()
  /// Loops around the statement that is parsed, within the same macro.
  var loops = 0

  init(_ tokens: [Token]) { self.tokens = tokens }

  var current: Token { tokens[place] }
  var line: Int { tokens[place].line }

  /// The token after the current one.
  var following: Token { tokens[min(place + 1, tokens.count - 1)] }

  /// Goes on to the next token; the end stays.
  mutating func advance() { place = min(place + 1, tokens.count - 1) }

  func unexpected(_ expected: String) -> TemplateError {
    .syntax(line: line, found: current.shown, expected: expected)
  }

  // MARK: Tokens

  func isSymbol(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

  func isName(_ name: String) -> Bool { current.kind == .name(name) }

  mutating func take(_ symbol: Token.Symbol) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(name: String) -> Bool {
    guard isName(name) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Token.Symbol) throws(TemplateError) {
    guard take(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
  }

  mutating func expect(_ kind: Token.Kind) throws(TemplateError) {
    guard current.kind == kind else { throw unexpected(Token(kind: kind, line: 0).shown) }
    advance()
  }

  mutating func expectName(_ what: String = "a name") throws(TemplateError) -> String {
    guard case .name(let name) = current.kind else { throw unexpected(what) }
    advance()
    return name
  }

  // MARK: Depth

  /// Runs `body` one level deeper.
  mutating func deeper<Result>(
    _ body: (inout Parser) throws(TemplateError) -> Result
  ) throws(TemplateError) -> Result {
    depth += 1
    defer { depth -= 1 }
    if depth > TemplateLimits.sourceDepth {
      throw .limit(line: line, .depth(limit: TemplateLimits.sourceDepth))
    }
    return try body(&self)
  }

  /// An expression that has `parts` below it.
  func make(_ kind: Expression.Kind, _ parts: [Expression] = [], line: Int) throws(TemplateError)
    -> Expression
  {
    var depth: Int32 = 0
    for part in parts { depth = max(depth, part.depth) }
    if depth >= TemplateLimits.sourceDepth {
      throw .limit(line: line, .depth(limit: TemplateLimits.sourceDepth))
    }
    return Expression(line: Int32(clamping: line), depth: depth + 1, kind: kind)
  }
}
