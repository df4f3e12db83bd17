/// Filters that make a text of what they are given, whatever it is.
extension Filters {
  func text(_ filter: Filter, _ input: Value, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    switch filter {
    case .join: return try joined(input, arguments)
    case .indent: return try indented(input, arguments)
    case .truncate: return try truncated(input, arguments)
    default: break
    }
    let text = try Printing(meter: meter).text(input)
    try meter.make(text.count)
    switch filter {
    case .trim:
      let set = try bound(arguments, ["chars"], filter)[0]
      return try StringMethods(meter: meter).stripped(text, set, left: true, right: true)
    case .replace: return try replaced(text, arguments)
    case .center:
      let width = try integer(try bound(arguments, ["width"], filter)[0], 80, filter)
      let centered = Arguments(positional: [.int(width)])
      return try StringMethods(meter: meter).call(.center, text, centered).string ?? text
    case .format: return try formatted(text, arguments)
    default:
      _ = try bound(arguments, [], filter)
      return try plain(filter, text)
    }
  }

  private func replaced(_ text: MarkedString, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    let values = try bound(arguments, ["old", "new", "count"], .replace, required: 2)
    let printing = Printing(meter: meter)
    let (old, new) = (try printing.text(values[0] ?? .none), try printing.text(values[1] ?? .none))
    var count = -1
    if let limit = values[2], !isNone(limit) { count = try integer(limit, -1, .replace) }
    return try StringMethods(meter: meter).replaced(text, old, new, count: count)
  }

  /// `%`, with the values in their order or by their names.
  private func formatted(_ text: MarkedString, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    if arguments.named.isEmpty {
      let tuple = Value.sequence(try Series(arguments.positional, .tuple, meter))
      return try PercentFormat(meter: meter).text(text, tuple)
    }
    guard arguments.positional.isEmpty else {
      throw misuse(.format, "values are given by name or in order, not both")
    }
    return try PercentFormat(meter: meter).text(text, .dict(try arguments.dictionary(meter)))
  }

  private func plain(_ filter: Filter, _ text: MarkedString) throws(TemplateError) -> MarkedString {
    switch filter {
    case .upper: return Casing.upper(text)
    case .lower: return Casing.lower(text)
    case .capitalize: return Casing.capitalized(text)
    case .title: return Casing.titledWords(text)
    case .wordcount: return MarkedString(message: String(words(in: text)))
    default:
      try meter.make(6, times: text.count)
      return text.mapScalars { scalar, _ in
        switch scalar {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "'": "&#39;"
        case "\"": "&#34;"
        default: String(scalar)
        }
      }
    }
  }

  private func words(in text: MarkedString) -> Int {
    var (count, isInside) = (0, false)
    for scalar in text.text.unicodeScalars {
      let isWord = scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      if isWord, !isInside { count += 1 }
      isInside = isWord
    }
    return count
  }

  func isNone(_ value: Value) -> Bool {
    if case .none = value { return true }
    return false
  }

  private func joined(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    let values = try bound(arguments, ["d", "attribute"], .join)
    var items = try Iteration(meter: meter).items(of: input)
    if let path = values[1], !isNone(path) {
      let path = try ItemPath(path, meter)
      for index in items.indices { items[index] = try path.value(in: items[index], meter) }
    }
    let separator = try Printing(meter: meter).text(values[0] ?? .template(""))
    return try StringMethods(meter: meter).joined(items, separator: separator, strict: false)
  }

  private func indented(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    let values = try bound(arguments, ["width", "first", "blank"], .indent)
    guard let text = input.string else { throw meter.fail(.operands("indent", found: input.kind)) }
    var margin: MarkedString
    if let text = values[0]?.string {
      margin = text
    } else {
      let width = max(0, try integer(values[0], 4, .indent))
      try meter.make(width)
      margin = MarkedString(message: String(repeating: " ", count: width))
    }
    let (indentsFirst, indentsBlank) = (values[1]?.isTrue ?? false, values[2]?.isTrue ?? false)
    // A text that ends with a line's end has an empty line behind it.
    var ended = text
    ended.append(made: "\n")
    let lines = try Splitting(meter: meter).lines(of: ended)
    try meter.make(margin.count + 1, times: lines.count)
    try meter.make(text.count)
    var result = MarkedString()
    for (index, line) in lines.enumerated() {
      if index > 0 { result.append(made: "\n") }
      if index == 0 ? indentsFirst : indentsBlank || !line.isEmpty { result.append(margin) }
      result.append(line)
    }
    return result
  }

  private func truncated(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    let values = try bound(arguments, ["length", "killwords", "end", "leeway"], .truncate)
    guard let text = input.string else { throw meter.fail(.operands("truncate", found: input.kind)) }
    let length = try integer(values[0], 255, .truncate)
    var leeway = 5
    if let value = values[3], !isNone(value) { leeway = try integer(value, 5, .truncate) }
    let end = try Printing(meter: meter).text(values[2] ?? .template("..."))
    guard length >= end.characterCount, leeway >= 0 else {
      throw misuse(.truncate, "the length is too short")
    }
    try meter.make(16 * text.count)
    let offsets = text.characterOffsets
    if offsets.count - 1 - leeway <= length { return text }
    var result = text[0..<offsets[length - end.characterCount]]
    if !(values[1]?.isTrue ?? false), let space = result.lastOffset(of: [0x20], in: 0..<result.count) {
      result = result[0..<space]
    }
    result.append(end)
    return result
  }
}

/// `a.b.0`: items within items.
struct ItemPath {
  private var steps: [Value]

  init(_ value: Value, _ meter: Meter) throws(TemplateError) {
    switch value {
    case .int: steps = [value]
    case .string(let text):
      try meter.make(values: text.count)
      steps = try Splitting(meter: meter).parts(of: text, at: UInt8(ascii: "."))
    default: throw meter.fail(.operands("an attribute's name", found: value.kind))
    }
  }

  /// What is there, or `usual` in the place of an undefined value.
  func value(in item: Value, or usual: Value? = nil, _ meter: Meter) throws(TemplateError) -> Value {
    var value = item
    for step in steps {
      try meter.step()
      value = try Access(meter: meter).item(step, of: value)
      if value.isUndefined, let usual { value = usual }
    }
    return value
  }
}

extension Splitting {
  /// The parts of a path: whole numbers where they are written as such.
  func parts(of text: MarkedString, at separator: UInt8) throws(TemplateError) -> [Value] {
    var parts: [Value] = []
    var start = 0
    while true {
      let end = text.firstOffset(of: [separator], in: start..<text.count) ?? text.count
      let part = text[start..<end]
      let isNumber = !part.isEmpty && part.bytes.allSatisfy { (0x30...0x39).contains($0) }
      parts.append(isNumber ? Int(part.text).map(Value.int) ?? .string(part) : .string(part))
      if end == text.count { return parts }
      start = end + 1
    }
  }
}
