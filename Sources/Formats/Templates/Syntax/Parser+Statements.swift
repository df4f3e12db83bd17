/// Text, output and tags.
extension Parser {
  /// The whole template.
  mutating func template() throws(TemplateError) -> [Statement] {
    let (statements, _) = try statements(until: [])
    try names.checkCalls()
    return statements
  }

  /// Statements up to a tag called one of `ends`, whose name is taken.
  func ending(_ ends: [String]) -> String { ends.map { "'\($0)'" }.joined(separator: " or ") }

  private mutating func statements(until ends: [String]) throws(TemplateError) -> ([Statement], end: String) {
    var statements: [Statement] = []
    while true {
      let line = line
      switch current.kind {
      case .data(let text):
        advance()
        statements.append(Statement(line: Int32(clamping: line), kind: .text(MarkedString(template: text))))
      case .outputBegin:
        advance()
        let value = try looseTuple(withChoice: true)
        try expect(.outputEnd)
        statements.append(Statement(line: Int32(clamping: line), kind: .output(value)))
      case .blockBegin:
        advance()
        let name = try expectName("a tag's name")
        if ends.contains(name) { return (statements, name) }
        let kind = try deeper { p throws(TemplateError) in try p.tag(name, line: line) }
        statements.append(Statement(line: Int32(clamping: line), kind: kind))
      default:
        guard ends.isEmpty, current.kind == .end else { throw unexpected(ending(ends)) }
        return (statements, "")
      }
    }
  }

  /// The statements of a tag, whose end tag is taken whole.
  private mutating func body(until end: String) throws(TemplateError) -> [Statement] {
    try expect(.blockEnd)
    let (statements, _) = try statements(until: [end])
    try expect(.blockEnd)
    return statements
  }

  /// The same, with names of its own.
  private mutating func ownBody(until end: String) throws(TemplateError) -> [Statement] {
    names.open()
    defer { names.close() }
    return try body(until: end)
  }

  private mutating func tag(_ name: String, line: Int) throws(TemplateError) -> Statement.Kind {
    switch name {
    case "if": return try conditionTag()
    case "for": return try loopTag()
    case "set": return try setTag()
    case "macro": return try macroTag()
    case "call": return try callTag()
    case "filter":
      let filters = try filterCalls(first: true)
      return .filter(filters, try ownBody(until: "endfilter"))
    case "with": return try withTag()
    case "generation":
      let outer = loops
      loops = 0
      defer { loops = outer }
      return .scope([], try ownBody(until: "endgeneration"))
    case "break", "continue":
      guard loops > 0 else {
        throw .syntax(line: line, found: "'\(name)'", expected: "a loop around it")
      }
      try expect(.blockEnd)
      return .leave(name == "break" ? .break : .continue)
    case _ where name.hasPrefix("end") || name == "else" || name == "elif":
      throw .syntax(line: line, found: "'\(name.prefix(64))'", expected: "the tag that it belongs to")
    default: throw .unsupported(line: line, kind: .tag, name: String(name.prefix(64)))
    }
  }

  private mutating func conditionTag() throws(TemplateError) -> Statement.Kind {
    var branches: [(condition: Expression, body: [Statement])] = []
    while true {
      let condition = try looseTuple(withChoice: false)
      try expect(.blockEnd)
      names.open()
      let (body, end) = try statements(until: ["elif", "else", "endif"])
      names.close()
      branches.append((condition, body))
      switch end {
      case "elif": continue
      case "else": return .condition(branches, otherwise: try ownBody(until: "endif"))
      default:
        try expect(.blockEnd)
        return .condition(branches, otherwise: [])
      }
    }
  }

  private mutating func loopTag() throws(TemplateError) -> Statement.Kind {
    let target = try target(withMembers: false)
    guard take(name: "in") else { throw unexpected("'in'") }
    let source = try looseTuple(withChoice: false)
    names.open()
    bind(target)
    let condition = take(name: "if") ? try expression() : nil
    if isName("recursive") { throw .unsupported(line: line, kind: .modifier, name: "recursive") }
    try expect(.blockEnd)
    let outerReads = names.read
    names.read = []
    loops += 1
    let (body, end) = try statements(until: ["endfor", "else"])
    loops -= 1
    let usesLoop = names.read.contains(NameTable.loop)
    names.read.formUnion(outerReads)
    names.close()
    var otherwise: [Statement] = []
    if end == "else" { otherwise = try ownBody(until: "endfor") } else { try expect(.blockEnd) }
    return .loop(
      .init(
        target: target, source: source, condition: condition, body: body, otherwise: otherwise,
        usesLoop: usesLoop))
  }

  private mutating func setTag() throws(TemplateError) -> Statement.Kind {
    let target = try target(withMembers: true)
    if take(.assign) {
      let value = try looseTuple(withChoice: true)
      try expect(.blockEnd)
      bind(target)
      return .set(target, value)
    }
    let filters = try filterCalls(first: false)
    let body = try ownBody(until: "endset")
    bind(target)
    return .setBlock(target, filters, body)
  }

  private mutating func filterCalls(first: Bool) throws(TemplateError) -> [FilterCall] {
    var calls = first ? [try filterCall()] : []
    while take(.pipe) { calls.append(try filterCall()) }
    return calls
  }

  private mutating func withTag() throws(TemplateError) -> Statement.Kind {
    var values: [(target: Target, value: Expression)] = []
    while current.kind != .blockEnd {
      if !values.isEmpty { try expect(.comma) }
      let target = try target(withMembers: false)
      try expect(.assign)
      values.append((target, try expression()))
    }
    names.open()
    for (target, _) in values { bind(target) }
    let body = try body(until: "endwith")
    names.close()
    return .scope(values, body)
  }

  // MARK: Macros

  private mutating func macroTag() throws(TemplateError) -> Statement.Kind {
    let name = try expectName("a macro's name")
    names.bind(names.id(name))
    return .macro(try macro(name, until: "endmacro"))
  }

  private mutating func callTag() throws(TemplateError) -> Statement.Kind {
    names.open()
    let parameters = isSymbol(.openParenthesis) ? try signature() : []
    let line = line
    let call = try expression()
    guard case .call = call.kind else {
      throw .syntax(line: line, found: "an expression", expected: "the call of a macro")
    }
    let definition = try macroBody("caller", parameters, until: "endcall")
    names.close()
    return .call(call, definition)
  }

  private mutating func macro(
    _ name: String, until end: String
  ) throws(TemplateError) -> MacroDefinition {
    names.open()
    defer { names.close() }
    return try macroBody(name, try signature(), until: end)
  }

  private mutating func macroBody(
    _ name: String, _ parameters: [MacroDefinition.Parameter], until end: String
  ) throws(TemplateError) -> MacroDefinition {
    let (outerLoops, outerReads) = (loops, names.read)
    (loops, names.read) = (0, [])
    let body = try body(until: end)
    let reads = names.read
    loops = outerLoops
    names.read.formUnion(outerReads)
    let own = Set(parameters.map(\.id))
    return MacroDefinition(
      id: names.id(name), name: name, parameters: parameters, body: body,
      usesCaller: reads.contains(NameTable.caller) && !own.contains(NameTable.caller),
      usesVarargs: reads.contains(NameTable.varargs) && !own.contains(NameTable.varargs),
      usesKwargs: reads.contains(NameTable.kwargs) && !own.contains(NameTable.kwargs))
  }

  private mutating func signature() throws(TemplateError) -> [MacroDefinition.Parameter] {
    try expect(.openParenthesis)
    var parameters: [MacroDefinition.Parameter] = []
    while !isSymbol(.closeParenthesis) {
      if !parameters.isEmpty { try expect(.comma) }
      let name = try expectName("a parameter's name")
      let usual = take(.assign) ? try expression() : nil
      if usual == nil, parameters.last?.usual != nil { throw unexpected("'=' and a default value") }
      let id = names.id(name)
      guard !parameters.contains(where: { $0.id == id }) else {
        throw .syntax(line: line, found: "'\(name.prefix(64))' twice", expected: "each parameter once")
      }
      names.bind(id)
      parameters.append(.init(id: id, name: name, usual: usual))
    }
    try expect(.closeParenthesis)
    return parameters
  }

  // MARK: Targets

  /// One name, or several with commas between them, in parentheses or not.
  private mutating func target(withMembers: Bool) throws(TemplateError) -> Target {
    var targets = [try oneTarget(withMembers: withMembers)]
    guard isSymbol(.comma) else { return targets[0] }
    while take(.comma) {
      guard case .name(let name) = current.kind, name != "in" else {
        if isSymbol(.openParenthesis) { targets.append(try oneTarget(withMembers: withMembers)) }
        continue
      }
      targets.append(try oneTarget(withMembers: withMembers))
    }
    return .several(targets)
  }

  private mutating func oneTarget(withMembers: Bool) throws(TemplateError) -> Target {
    if take(.openParenthesis) {
      let inner = try deeper { p throws(TemplateError) in try p.target(withMembers: withMembers) }
      try expect(.closeParenthesis)
      return inner
    }
    let found = current.shown
    let name = try expectName()
    guard !["true", "True", "false", "False", "none", "None", "loop"].contains(name) else {
      throw .syntax(line: line, found: found, expected: "a name that can be given a value")
    }
    let id = names.id(name)
    if withMembers, take(.dot) {
      names.markRead(id)
      return .member(id, MarkedString(template: try expectName("a member's name")))
    }
    return .name(id)
  }

  private mutating func bind(_ target: Target) {
    switch target {
    case .name(let id): names.bind(id)
    case .member: break
    case .several(let targets): for target in targets { bind(target) }
    }
  }
}
