/// Macros, and calls with a body.
extension Parser {
  mutating func macroTag() throws(TemplateError) -> Statement.Kind {
    let name = try expectName("a macro's name")
    names.bind(names.id(name))
    return .macro(try macro(name, until: "endmacro"))
  }

  mutating func callTag() throws(TemplateError) -> Statement.Kind {
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
}
