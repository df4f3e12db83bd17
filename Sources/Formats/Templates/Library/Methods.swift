/// Methods of values.
struct Methods {
  let meter: Meter

  /// The methods that Python has for a kind of value: those known here, those that would change the value, and others, which
  /// are refused by name.
  struct Table {
    let known: Set<String>
    var changing: Set<String> = []
    var others: Set<String> = []
  }

  private static let strings = Table(
    known: Set(StringMethod.allCases.map(\.rawValue)),
    others: ["casefold", "encode", "expandtabs", "format_map", "isidentifier", "maketrans", "translate"])
  private static let lists = Table(
    known: ["copy", "count", "index"],
    changing: ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"])
  private static let tuples = Table(known: ["count", "index"])
  private static let dicts = Table(
    known: ["copy", "get", "items", "keys", "values"],
    changing: ["clear", "pop", "popitem", "setdefault", "update"], others: ["fromkeys"])
  private static let ranges = Table(known: ["count", "index"], others: ["start", "stop", "step"])
  private static let views = Table(known: [], others: ["isdisjoint", "mapping"])
  private static let integers = Table(
    known: [],
    others: [
      "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "imag",
      "is_integer",
      "numerator", "real", "to_bytes",
    ])
  private static let floats = Table(
    known: [], others: ["as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real"])

  static func table(for value: Value) -> Table? {
    switch value {
    case .string: strings
    case .dict: dicts
    case .bool, .int: integers
    case .float: floats
    case .sequence(let sequence):
      switch sequence.form {
      case .list: lists
      case .tuple: tuples
      case .range: ranges
      case .keys, .values, .pairs: views
      case .iterator: nil
      }
    default: nil
    }
  }

  func call(_ method: Method, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch method.object {
    case .string(let text):
      guard let name = StringMethod(rawValue: method.name) else { break }
      return try StringMethods(meter: meter).call(name, text, arguments)
    case .dict(let dict): return try call(method.name, dict, arguments)
    case .sequence(let sequence): return try call(method.name, sequence, arguments)
    case .loop(let loop): return try call(method.name, loop, arguments)
    default: break
    }
    throw .unsupported(line: meter.line, kind: .method, name: method.name)
  }

  private func call(_ name: String, _ dict: Mapping, _ arguments: Arguments) throws(TemplateError) -> Value {
    if name == "get" {
      let values = try arguments.bound(to: ["key", "default"], required: 1, of: "get", meter)
      guard let key = values[0].flatMap(MappingKey.simple) else {
        throw meter.fail(.operands("a dictionary's key", found: values[0]?.kind ?? "nothing"))
      }
      return dict[key] ?? values[1] ?? .none
    }
    _ = try arguments.bound(to: [], of: name, meter)
    try meter.make(values: 3 * dict.entries.count)
    switch name {
    case "keys": return .sequence(try Series(dict.entries.map(\.key), .keys, meter))
    case "values": return .sequence(try Series(dict.entries.map(\.value), .values, meter))
    case "items": return .sequence(try Series(try pairs(dict), .pairs, meter))
    default: return .dict(dict)
    }
  }

  /// The entries as tuples.
  func pairs(_ dict: Mapping) throws(TemplateError) -> [Value] {
    try meter.make(values: 3 * dict.entries.count)
    var pairs: [Value] = []
    for (key, value) in dict.entries { pairs.append(.sequence(try Series([key, value], .tuple, meter))) }
    return pairs
  }

  private func call(_ name: String, _ sequence: Series, _ arguments: Arguments) throws(TemplateError) -> Value
  {
    if name == "copy" { return .sequence(sequence) }
    let value = try arguments.bound(to: ["value"], required: 1, of: name, meter)[0] ?? .none
    var count = 0
    for (index, item) in sequence.items.enumerated() where try Comparison(meter: meter).areEqual(item, value)
    {
      if name == "index" { return .int(index) }
      count += 1
    }
    if name == "index" {
      throw meter.fail(.value("index", found: "a value that is not in the \(sequence.form.rawValue)"))
    }
    return .int(count)
  }

  private func call(_ name: String, _ loop: LoopState, _ arguments: Arguments) throws(TemplateError) -> Value
  {
    let values = arguments.positional
    if name == "cycle" {
      guard !values.isEmpty else {
        throw meter.fail(.arguments(of: "loop.cycle", "it takes at least one value"))
      }
      return values[loop.index % values.count]
    }
    if let last = loop.lastChanged, last.count == values.count {
      var isSame = true
      for (a, b) in zip(last, values) where try !Comparison(meter: meter).areEqual(a, b) { isSame = false }
      if isSame { return .bool(false) }
    }
    loop.lastChanged = values
    return .bool(true)
  }
}
