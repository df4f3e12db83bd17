/// Statements.
extension Renderer {
  /// - Returns: How the innermost loop is left, if these statements leave it.
  func run(_ statements: [Statement]) throws(TemplateError) -> Statement.Leave? {
    try meter.enter()
    for statement in statements {
      meter.line = Int(statement.line)
      try meter.step()
      if let leave = try run(statement.kind) {
        meter.leave()
        return leave
      }
    }
    meter.leave()
    return nil
  }

  private func run(_ kind: Statement.Kind) throws(TemplateError) -> Statement.Leave? {
    switch kind {
    case .text(let text): try write(text)
    case .output(let value): try write(try Printing(meter: meter).text(evaluate(value)))
    case .condition(let branches, let otherwise):
      for (condition, body) in branches where try evaluate(condition).isTrue { return try run(body) }
      return try run(otherwise)
    case .loop(let loop): try run(loop)
    case .set(let target, let value): try assign(target, try evaluate(value))
    case .setBlock(let target, let filters, let body):
      let (value, leave) = try captured(filters, body)
      if let leave { return leave }
      try assign(target, value)
    case .macro(let definition):
      let macro = try makeMacro(definition)
      scope.set(definition.id, .macro(macro))
    case .call(let call, let definition): try run(call, definition)
    case .filter(let filters, let body):
      let (value, leave) = try captured(filters, body)
      if let leave { return leave }
      try write(try Printing(meter: meter).text(value))
    case .scope(let values, let body): return try run(values, body)
    case .leave(let leave): return leave
    }
    return nil
  }

  private func run(
    _ values: [(target: Target, value: Expression)], _ body: [Statement]
  ) throws(TemplateError) -> Statement.Leave? {
    var evaluated: [Value] = []
    for (_, value) in values { evaluated.append(try evaluate(value)) }
    return try within(Scope(parent: scope)) { () throws(TemplateError) in
      for (index, (target, _)) in values.enumerated() { try assign(target, evaluated[index]) }
      return try run(body)
    }
  }

  private func captured(
    _ filters: [FilterCall], _ body: [Statement]
  ) throws(TemplateError) -> (Value, Statement.Leave?) {
    var leave: Statement.Leave?
    let text = try within(Scope(parent: scope)) { () throws(TemplateError) in
      try capture { () throws(TemplateError) in leave = try run(body) }
    }
    if leave != nil { return (.none, leave) }
    var value = Value.string(text)
    for filter in filters { value = try apply(filter, to: value) }
    return (value, nil)
  }

  // MARK: Assignment

  func assign(_ target: Target, _ value: Value) throws(TemplateError) {
    switch target {
    case .name(let id): scope.set(id, value)
    case .member(let id, let name):
      guard case .namespace(let namespace) = self.value(id) else {
        throw meter.fail(.operands("setting a member", found: self.value(id).kind))
      }
      namespace.set(name, value)
    case .several(let targets):
      let values = try Iteration(meter: meter).items(of: value)
      guard values.count == targets.count else {
        throw meter.fail(.unpacking(found: values.count, expected: targets.count))
      }
      for (target, value) in zip(targets, values) { try assign(target, value) }
    }
  }

  // MARK: Loops

  private func run(_ loop: Statement.Loop) throws(TemplateError) {
    var items = try Iteration(meter: meter).items(of: evaluate(loop.source))
    if let condition = loop.condition { items = try chosen(items, loop.target, condition) }
    if items.isEmpty {
      _ = try within(Scope(parent: scope)) { () throws(TemplateError) in try run(loop.otherwise) }
      return
    }
    let state = loop.usesLoop ? LoopState(try Series(items, .tuple, meter)) : nil
    for (index, item) in items.enumerated() {
      try meter.step()
      let inner = Scope(parent: scope)
      if let state {
        state.index = index
        inner.set(NameTable.loop, .loop(state))
      }
      let leave = try within(inner) { () throws(TemplateError) in
        try assign(loop.target, item)
        return try run(loop.body)
      }
      if leave == .break { break }
    }
  }

  private func chosen(
    _ items: [Value], _ target: Target, _ condition: Expression
  ) throws(TemplateError) -> [Value] {
    var chosen: [Value] = []
    for item in items {
      let holds = try within(Scope(parent: scope)) { () throws(TemplateError) in
        try assign(target, item)
        return try evaluate(condition).isTrue
      }
      if holds { chosen.append(item) }
    }
    return chosen
  }

  // MARK: Macros

  private func run(_ call: Expression, _ definition: MacroDefinition) throws(TemplateError) {
    guard case .call(let callee, let arguments) = call.kind else { return }
    var values = try evaluate(arguments)
    values.named.append(("caller", .macro(try makeMacro(definition))))
    let result = try self.call(try evaluate(callee), values)
    try write(try Printing(meter: meter).text(result))
  }

  /// The text that a macro writes.
  func call(_ macro: Macro, _ arguments: Arguments) throws(TemplateError) -> Value {
    let definition = macro.definition
    let inner = Scope(parent: macro.scope)
    var named = arguments.named
    let text = try within(inner) { () throws(TemplateError) in
      for (index, parameter) in definition.parameters.enumerated() {
        var value: Value?
        if index < arguments.positional.count { value = arguments.positional[index] }
        if let place = named.firstIndex(where: { $0.name == parameter.name }) {
          guard value == nil else { throw misuse(definition, "'\(parameter.name)' is given twice") }
          value = named.remove(at: place).value
        }
        if value == nil, let usual = parameter.usual { value = try evaluate(usual) }
        inner.set(parameter.id, value ?? .undefined("'\(parameter.name)'"))
      }
      try bindRest(definition, arguments, named, inner)
      return try capture { () throws(TemplateError) in _ = try run(definition.body) }
    }
    return .string(text)
  }

  private func bindRest(
    _ definition: MacroDefinition, _ arguments: Arguments, _ rest: [(name: String, value: Value)],
    _ inner: Scope
  ) throws(TemplateError) {
    var named = rest
    if definition.usesCaller {
      let place = named.firstIndex { $0.name == "caller" }
      inner.set(NameTable.caller, place.map { named.remove(at: $0).value } ?? .undefined("'caller'"))
    }
    if definition.usesKwargs {
      inner.set(NameTable.kwargs, .dict(try Arguments(named: named).dictionary(meter)))
    } else if let first = named.first {
      throw misuse(definition, "it takes no '\(first.name)'")
    }
    let more = arguments.positional.dropFirst(definition.parameters.count)
    if definition.usesVarargs {
      inner.set(NameTable.varargs, .sequence(try Series(Array(more), .tuple, meter)))
    } else if !more.isEmpty {
      throw misuse(definition, "it takes at most \(definition.parameters.count) values in order")
    }
  }

  private func misuse(_ definition: MacroDefinition, _ reason: String) -> TemplateError {
    meter.fail(.arguments(of: "macro '\(definition.name)'", reason))
  }
}
