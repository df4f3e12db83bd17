/// Text, output and tags.
extension Parser {
  /// The whole template.
  mutating func template() throws(TemplateError) -> [Statement] {
    let (statements, _) = try statements(until: [])
    try names.checkCalls()
    return statements
  }

  /// Statements up to a tag called one of `ends`, whose name is taken.
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

  private func ending(_ ends: [String]) -> String {
    ends.map { "'\($0)'" }.joined(separator: " or ")
  }

  /// The statements of a tag, whose end tag is taken whole.
  mutating func body(until end: String) throws(TemplateError) -> [Statement] {
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
    case "generation": return try generationTag()
    case "break", "continue": return try leavingTag(name, line: line)
    case _ where name.hasPrefix("end") || name == "else" || name == "elif":
      throw .syntax(line: line, found: "'\(name.prefix(64))'", expected: "the tag that it belongs to")
    default: throw .unsupported(line: line, kind: .tag, name: String(name.prefix(64)))
    }
  }

  /// Loops around the tag cannot be left from inside.
  private mutating func generationTag() throws(TemplateError) -> Statement.Kind {
    let outer = loops
    loops = 0
    defer { loops = outer }
    return .scope([], try ownBody(until: "endgeneration"))
  }

  private mutating func leavingTag(_ name: String, line: Int) throws(TemplateError) -> Statement.Kind {
    guard loops > 0 else { throw .syntax(line: line, found: "'\(name)'", expected: "a loop around it") }
    try expect(.blockEnd)
    return .leave(name == "break" ? .break : .continue)
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
}
