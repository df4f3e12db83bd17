/// Expressions.
extension Renderer {
  func evaluate(_ expression: Expression) throws(TemplateError) -> Value {
    try meter.enter()
    let value = try evaluate(expression.kind, line: expression.line)
    meter.leave()
    return value
  }

  private func evaluate(_ kind: Expression.Kind, line: Int32) throws(TemplateError) -> Value {
    switch kind {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .integer(let value): return .int(value)
    case .float(let value): return .float(value)
    case .string(let text): return .string(text)
    case .name(let id): return value(id)
    case .attribute(let object, let name):
      let object = try evaluate(object)
      meter.line = Int(line)
      return try Access(meter: meter).attribute(name, of: object)
    case .item(let object, let index):
      let (object, index) = (try evaluate(object), try evaluate(index))
      meter.line = Int(line)
      return try Access(meter: meter).item(index, of: object)
    case .call(let callee, let arguments): return try call(callee, arguments, line: line)
    case .filter(let input, let call): return try apply(call, to: evaluate(input))
    case .test(let value, let call): return .bool(try holds(call, for: evaluate(value)))
    case .not(let value): return .bool(try !evaluate(value).isTrue)
    case .both(let left, let right):
      let value = try evaluate(left)
      return try value.isTrue ? evaluate(right) : value
    case .either(let left, let right):
      let value = try evaluate(left)
      return try value.isTrue ? value : evaluate(right)
    case .choice(let value, let condition, let otherwise):
      if try evaluate(condition).isTrue { return try evaluate(value) }
      guard let otherwise else { return .undefined("a choice without 'else'") }
      return try evaluate(otherwise)
    default: return try compute(kind, line: line)
    }
  }

  private func compute(_ kind: Expression.Kind, line: Int32) throws(TemplateError) -> Value {
    switch kind {
    case .list(let parts): return .sequence(try Series(try evaluate(parts), meter))
    case .tuple(let parts): return .sequence(try Series(try evaluate(parts), .tuple, meter))
    case .dict(let entries):
      var builder = MappingBuilder()
      for (key, value) in entries { try builder.set(evaluate(key), evaluate(value), meter) }
      return .dict(try builder.finish(meter))
    case .concatenation(let parts): return .string(try concatenation(parts))
    case .comparison(let first, let rest): return .bool(try compare(first, rest, line: line))
    case .slice(let object, let bounds): return try slice(object, bounds, line: line)
    case .arithmetic(let operation, let left, let right):
      let (left, right) = (try evaluate(left), try evaluate(right))
      meter.line = Int(line)
      return try Calculation(meter: meter).result(operation, left, right)
    case .negative(let value): return try Calculation(meter: meter).negative(evaluate(value))
    case .positive(let value): return try Calculation(meter: meter).positive(evaluate(value))
    default: return .none
    }
  }

  private func evaluate(_ parts: [Expression]) throws(TemplateError) -> [Value] {
    try meter.make(values: parts.count)
    var values: [Value] = []
    values.reserveCapacity(parts.count)
    for part in parts { values.append(try evaluate(part)) }
    return values
  }

  private func concatenation(_ parts: [Expression]) throws(TemplateError) -> MarkedString {
    var result = MarkedString()
    for part in parts {
      let text = try Printing(meter: meter).text(evaluate(part))
      try meter.make(text.count)
      result.append(text)
    }
    return result
  }

  private func compare(
    _ first: Expression, _ rest: [(relation: Relation, value: Expression)], line: Int32
  ) throws(TemplateError) -> Bool {
    var left = try evaluate(first)
    for (relation, value) in rest {
      let right = try evaluate(value)
      meter.line = Int(line)
      if try !Relations(meter: meter).holds(relation, left, right) { return false }
      left = right
    }
    return true
  }

  private func slice(_ object: Expression, _ bounds: SliceBounds, line: Int32) throws(TemplateError) -> Value
  {
    let object = try evaluate(object)
    var parts: [Int?] = []
    for bound in bounds.parts {
      guard let bound else {
        parts.append(nil)
        continue
      }
      let value = try evaluate(bound)
      if case .none = value {
        parts.append(nil)
        continue
      }
      guard let number = value.integer else { throw meter.fail(.operands("a slice", found: value.kind)) }
      parts.append(number)
    }
    meter.line = Int(line)
    return try Access(meter: meter).slice(object, parts[0], parts[1], parts[2])
  }

  // MARK: Calls

  func evaluate(_ arguments: CallArguments) throws(TemplateError) -> Arguments {
    var values = Arguments()
    if arguments.isEmpty { return values }
    values.positional = try evaluate(arguments.positional)
    for (name, value) in arguments.named { values.named.append((name, try evaluate(value))) }
    if let unpacked = arguments.unpacked {
      values.positional += try Iteration(meter: meter).items(of: evaluate(unpacked))
    }
    if let unpacked = arguments.unpackedNamed { try values.unpack(evaluate(unpacked), meter) }
    return values
  }

  private func call(
    _ callee: Expression, _ arguments: CallArguments, line: Int32
  ) throws(TemplateError) -> Value {
    let callee = try evaluate(callee)
    let arguments = try evaluate(arguments)
    meter.line = Int(line)
    return try call(callee, arguments)
  }

  func call(_ callee: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch callee {
    case .macro(let macro): return try call(macro, arguments)
    case .method(let method): return try Methods(meter: meter).call(method, arguments)
    case .function(let function): return try call(function, arguments)
    case .undefined(let name): throw meter.fail(.undefined(name))
    default: throw meter.fail(.operands("a call", found: callee.kind))
    }
  }

  func apply(_ call: FilterCall, to input: Value) throws(TemplateError) -> Value {
    let arguments = try evaluate(call.arguments)
    meter.line = Int(call.line)
    return try Filters(meter: meter).apply(call.filter, input, arguments)
  }

  private func holds(_ call: TestCall, for value: Value) throws(TemplateError) -> Bool {
    try ValueTests(meter: meter).holds(call.test, value, evaluate(call.arguments))
  }
}
