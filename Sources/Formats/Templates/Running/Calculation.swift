#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Arithmetic as Python has it, with whole numbers of 64 bits.
struct Calculation {
  let meter: Meter

  func result(_ operation: Arithmetic, _ left: Value, _ right: Value) throws(TemplateError) -> Value {
    try refuseUndefined(left, right)
    if let a = left.integer, let b = right.integer { return try whole(operation, a, b) }
    if let a = left.number, let b = right.number { return try .float(real(operation, a, b)) }
    switch (operation, left, right) {
    case (.add, .string(let a), .string(let b)):
      try meter.make(a.count + b.count)
      var result = a
      result.append(b)
      return .string(result)
    case (.add, .sequence(let a), .sequence(let b))
    where a.form == b.form && (a.form == .list || a.form == .tuple):
      try meter.make(values: a.items.count + b.items.count)
      return .sequence(try Series(a.items + b.items, a.form, meter))
    case (.modulo, .string(let format), _):
      return .string(try PercentFormat(meter: meter).text(format, right))
    case (.multiply, .string, _), (.multiply, .sequence, _):
      if let count = right.integer { return try repeated(left, count) }
    case (.multiply, _, .string), (.multiply, _, .sequence):
      if let count = left.integer { return try repeated(right, count) }
    default: break
    }
    throw meter.fail(.operands("'\(operation.rawValue)'", found: "\(left.kind) and \(right.kind)"))
  }

  func negative(_ value: Value) throws(TemplateError) -> Value {
    try refuseUndefined(value, value)
    if let number = value.integer { return try .int(checked(number.multipliedReportingOverflow(by: -1))) }
    guard case .float(let number) = value else { throw meter.fail(.operands("'-'", found: value.kind)) }
    return .float(-number)
  }

  func positive(_ value: Value) throws(TemplateError) -> Value {
    try refuseUndefined(value, value)
    if let number = value.integer { return .int(number) }
    guard case .float = value else { throw meter.fail(.operands("'+'", found: value.kind)) }
    return value
  }

  private func refuseUndefined(_ left: Value, _ right: Value) throws(TemplateError) {
    if case .undefined(let name) = left { throw meter.fail(.undefined(name)) }
    if case .undefined(let name) = right {
      if case .string(_) = left { return }
      throw meter.fail(.undefined(name))
    }
  }

  private func repeated(_ value: Value, _ count: Int) throws(TemplateError) -> Value {
    let count = max(0, count)
    switch value {
    case .string(let text):
      try meter.make(text.count + 8, times: count)
      var result = MarkedString()
      for _ in 0..<count { result.append(text) }
      return .string(result)
    case .sequence(let sequence) where sequence.form == .list || sequence.form == .tuple:
      try meter.make(48 * sequence.items.count + 8, times: count)
      var items: [Value] = []
      for _ in 0..<count { items += sequence.items }
      return .sequence(try Series(items, sequence.form, meter))
    default: throw meter.fail(.operands("'*'", found: value.kind))
    }
  }

  // MARK: Numbers

  private func checked(_ result: (partialValue: Int, overflow: Bool)) throws(TemplateError) -> Int {
    if result.overflow { throw meter.fail(.overflow) }
    return result.partialValue
  }

  private func whole(_ operation: Arithmetic, _ a: Int, _ b: Int) throws(TemplateError) -> Value {
    switch operation {
    case .add: return .int(try checked(a.addingReportingOverflow(b)))
    case .subtract: return .int(try checked(a.subtractingReportingOverflow(b)))
    case .multiply: return .int(try checked(a.multipliedReportingOverflow(by: b)))
    case .divide:
      if b == 0 { throw meter.fail(.divisionByZero) }
      return .float(Double(a) / Double(b))
    case .floorDivide:
      if b == 0 { throw meter.fail(.divisionByZero) }
      let quotient = try checked(a.dividedReportingOverflow(by: b))
      return .int(a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient)
    case .modulo:
      if b == 0 { throw meter.fail(.divisionByZero) }
      if b == -1 { return .int(0) }
      let rest = a % b
      return .int(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest)
    case .power: return try power(a, b)
    }
  }

  private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> Value {
    if exponent < 0 {
      if base == 0 { throw meter.fail(.divisionByZero) }
      return .float(pow(Double(base), Double(exponent)))
    }
    if base == 0 || base == 1 { return .int(exponent == 0 ? 1 : base) }
    if base == -1 { return .int(exponent % 2 == 0 ? 1 : -1) }
    // Every other base overflows before its 64th power.
    guard exponent < 64 else { throw meter.fail(.overflow) }
    var result = 1
    for _ in 0..<exponent { result = try checked(result.multipliedReportingOverflow(by: base)) }
    return .int(result)
  }

  private func real(_ operation: Arithmetic, _ a: Double, _ b: Double) throws(TemplateError) -> Double {
    switch operation {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .power:
      if a == 0, b < 0 { throw meter.fail(.divisionByZero) }
      let result = pow(a, b)
      if a < 0, b != b.rounded() { throw meter.fail(.value("'**'", found: "a negative base and a fraction")) }
      if result.isInfinite, a.isFinite, b.isFinite { throw meter.fail(.overflow) }
      return result
    case .divide, .floorDivide, .modulo:
      if b == 0 { throw meter.fail(.divisionByZero) }
      if operation == .divide { return a / b }
      let rest = modulo(a, b)
      return operation == .modulo ? rest : floorQuotient(a, b, rest)
    }
  }

  /// The rest of a division, with the sign of `b`.
  private func modulo(_ a: Double, _ b: Double) -> Double {
    let rest = fmod(a, b)
    if rest == 0 { return b < 0 ? -0.0 : 0.0 }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }

  private func floorQuotient(_ a: Double, _ b: Double, _ rest: Double) -> Double {
    let quotient = (a - rest) / b
    if quotient == 0 { return a / b < 0 ? -0.0 : 0.0 }
    let floored = quotient.rounded(.down)
    return quotient - floored > 0.5 ? floored + 1 : floored
  }
}
