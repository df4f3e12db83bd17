/// Functions that every template has.
enum GlobalFunction: String {
  case range, dict, namespace
  case raiseException = "raise_exception"
  case strftimeNow = "strftime_now"
}

extension Renderer {
  func call(_ function: GlobalFunction, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch function {
    case .range: return try range(arguments)
    case .dict: return .dict(try dict(arguments))
    case .namespace:
      let entries = try dict(arguments).entries
      let namespace = try makeNamespace()
      for (key, value) in entries {
        if let name = key.string { namespace.set(name, value) }
      }
      return .namespace(namespace)
    case .raiseException:
      let message =
        try arguments.bound(to: ["message"], required: 1, of: function.rawValue, meter)[0] ?? .none
      throw .raised(line: meter.line, text: try Printing(meter: meter).text(message).text)
    case .strftimeNow:
      let format = try arguments.bound(to: ["format"], required: 1, of: function.rawValue, meter)[0]
      guard let format = format?.string else {
        throw meter.fail(.arguments(of: function.rawValue, "its format is a text"))
      }
      return .string(try DateFormat(meter: meter, clock: clock).text(format))
    }
  }

  private func range(_ arguments: Arguments) throws(TemplateError) -> Value {
    var numbers: [Int] = []
    for argument in arguments.positional {
      guard let number = argument.integer else {
        throw meter.fail(.operands("a range", found: argument.kind))
      }
      numbers.append(number)
    }
    guard (1...3).contains(numbers.count), arguments.named.isEmpty else {
      throw meter.fail(.arguments(of: "range", "it takes one to three whole numbers"))
    }
    let (start, stop) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
    let step = numbers.count == 3 ? numbers[2] : 1
    guard step != 0 else { throw meter.fail(.value("a range", found: "a step of 0")) }
    let count = try rangeCount(start, stop, step)
    try meter.make(values: count)
    try meter.step(count)
    return .sequence(try Series((0..<count).map { .int(start + $0 * step) }, .range, meter))
  }

  private func rangeCount(_ start: Int, _ stop: Int, _ step: Int) throws(TemplateError) -> Int {
    guard step > 0 ? start < stop : start > stop else { return 0 }
    let (low, high) = (min(start, stop), max(start, stop))
    // Two numbers of 64 bits are less than 2^64 apart.
    let distance = UInt(bitPattern: high) &- UInt(bitPattern: low)
    let count = (distance - 1) / step.magnitude + 1
    guard count <= TemplateLimits.rangeCount else {
      throw .limit(line: meter.line, .range(count: Int(clamping: count), limit: TemplateLimits.rangeCount))
    }
    return Int(count)
  }

  /// The entries that `dict(…)` and `namespace(…)` are given: a dictionary or pairs, then named ones.
  private func dict(_ arguments: Arguments) throws(TemplateError) -> Mapping {
    guard arguments.positional.count <= 1 else {
      throw meter.fail(.arguments(of: "dict", "it takes at most one value in order"))
    }
    var builder = MappingBuilder()
    if case .dict(let dict)? = arguments.positional.first {
      for (key, value) in dict.entries { try builder.set(key, value, meter) }
    } else if let pairs = arguments.positional.first {
      for pair in try Iteration(meter: meter).items(of: pairs) {
        let parts = try Iteration(meter: meter).items(of: pair)
        guard parts.count == 2 else { throw meter.fail(.unpacking(found: parts.count, expected: 2)) }
        try builder.set(parts[0], parts[1], meter)
      }
    }
    for (name, value) in arguments.named {
      // A name may be a message's, by `**`.
      try builder.set(.made(name), value, meter)
    }
    return try builder.finish(meter)
  }
}
