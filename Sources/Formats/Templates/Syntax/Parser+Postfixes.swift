/// What stands behind a value: members, items, calls, filters and tests.
extension Parser {
  mutating func postfixes(of first: Expression) throws(TemplateError) -> Expression {
    var value = first
    while true {
      switch current.kind {
      case .symbol(.dot): value = try member(of: value)
      case .symbol(.openBracket): value = try item(of: value)
      case .symbol(.openParenthesis): value = try call(of: value)
      default: return value
      }
    }
  }

  mutating func filtersAndTests(of first: Expression) throws(TemplateError) -> Expression {
    var value = first
    while true {
      switch current.kind {
      case .symbol(.pipe):
        advance()
        let call = try filterCall()
        value = try make(.filter(value, call), [value] + call.arguments.all, line: Int(call.line))
      case .name("is"): value = try test(of: value)
      case .symbol(.openParenthesis): value = try call(of: value)
      default: return value
      }
    }
  }

  private mutating func member(of value: Expression) throws(TemplateError) -> Expression {
    let line = line
    try expect(.dot)
    if case .integer(let index) = current.kind {
      advance()
      return try make(.item(value, try make(.integer(index), line: line)), [value], line: line)
    }
    let name = try expectName("a member's name")
    return try make(.attribute(value, MarkedString(template: name)), [value], line: line)
  }

  private mutating func item(of value: Expression) throws(TemplateError) -> Expression {
    let line = line
    try expect(.openBracket)
    var bounds = SliceBounds()
    var (part, isSlice) = (0, false)
    while !isSymbol(.closeBracket) {
      if take(.colon) {
        isSlice = true
        part += 1
        guard part < 3 else { throw unexpected("']'") }
      } else {
        guard bounds.parts[part] == nil else { throw unexpected("']'") }
        bounds.parts[part] = try isSlice ? expression() : subscriptTuple()
      }
    }
    try expect(.closeBracket)
    let parts = [value] + bounds.parts.compactMap(\.self)
    if isSlice { return try make(.slice(value, bounds), parts, line: line) }
    guard let index = bounds.parts[0] else { throw unexpected("an index") }
    return try make(.item(value, index), parts, line: line)
  }

  /// What stands in brackets: `a[1, 2]` has a tuple.
  private mutating func subscriptTuple() throws(TemplateError) -> Expression {
    let line = line
    var parts = [try expression()]
    while take(.comma) { parts.append(try expression()) }
    return parts.count == 1 ? parts[0] : try make(.tuple(parts), parts, line: line)
  }

  private mutating func call(of value: Expression) throws(TemplateError) -> Expression {
    let line = line
    if case .name(let id) = value.kind { names.markCalled(id, line: line) }
    let arguments = try callArguments()
    return try make(.call(value, arguments), [value] + arguments.all, line: line)
  }

  mutating func callArguments() throws(TemplateError) -> CallArguments {
    try expect(.openParenthesis)
    var arguments = CallArguments()
    while !isSymbol(.closeParenthesis) {
      try argument(into: &arguments)
      guard take(.comma) else { break }
    }
    try expect(.closeParenthesis)
    return arguments
  }

  private mutating func argument(into arguments: inout CallArguments) throws(TemplateError) {
    if take(.times) {
      guard arguments.unpacked == nil, arguments.unpackedNamed == nil else { throw unexpected("an argument") }
      arguments.unpacked = try expression()
    } else if take(.power) {
      guard arguments.unpackedNamed == nil else { throw unexpected("an argument") }
      arguments.unpackedNamed = try expression()
    } else if case .name(let name) = current.kind, following.kind == .symbol(.assign) {
      guard arguments.unpackedNamed == nil else { throw unexpected("')'") }
      guard !arguments.named.contains(where: { $0.name == name }) else {
        throw .syntax(line: line, found: "'\(name.prefix(64))' twice", expected: "each name once")
      }
      advance()
      advance()
      arguments.named.append((name, try expression()))
    } else {
      guard arguments.named.isEmpty, arguments.unpacked == nil, arguments.unpackedNamed == nil else {
        throw unexpected("a named argument")
      }
      arguments.positional.append(try expression())
    }
  }

  mutating func filterCall() throws(TemplateError) -> FilterCall {
    let line = line
    let name = try dottedName("a filter's name")
    guard let filter = Filter(rawValue: name) else {
      throw .unsupported(line: line, kind: .filter, name: String(name.prefix(64)))
    }
    let arguments = isSymbol(.openParenthesis) ? try callArguments() : CallArguments()
    return FilterCall(filter: filter, line: Int32(clamping: line), arguments: arguments)
  }

  private mutating func dottedName(_ what: String) throws(TemplateError) -> String {
    var name = try expectName(what)
    while take(.dot) { name += ".\(try expectName(what))" }
    return name
  }

  private mutating func test(of value: Expression) throws(TemplateError) -> Expression {
    let line = line
    advance()
    let isNegated = take(name: "not")
    let name = try dottedName("a test's name")
    guard let test = ValueTest(rawValue: name) else {
      throw .unsupported(line: line, kind: .test, name: String(name.prefix(64)))
    }
    let arguments = try testArguments()
    let call = TestCall(test: test, arguments: arguments)
    let result = try make(.test(value, call), [value] + arguments.all, line: line)
    return isNegated ? try make(.not(result), [result], line: line) : result
  }

  /// A test's arguments: in parentheses, or one value that follows.
  private mutating func testArguments() throws(TemplateError) -> CallArguments {
    switch current.kind {
    case .symbol(.openParenthesis): return try callArguments()
    case .name("else"), .name("or"), .name("and"): return CallArguments()
    case .name("is"): throw unexpected("one test, as tests are not chained")
    case .name, .string, .integer, .float, .symbol(.openBracket), .symbol(.openBrace):
      let argument = try deeper { p throws(TemplateError) in try p.postfixes(of: p.primary()) }
      return CallArguments(positional: [argument])
    default: return CallArguments()
    }
  }
}

extension CallArguments {
  var all: [Expression] {
    positional + named.map(\.value) + [unpacked, unpackedNamed].compactMap(\.self)
  }
}
