/// `tojson`: `json.dumps` of Python. Texts keep their authors; all else that is written counts as a message's.
struct JSONText {
  let meter: Meter
  var ensureASCII = false
  var indent: MarkedString?
  var itemSeparator = MarkedString(message: ", ")
  var keySeparator = MarkedString(message: ": ")
  var sortsKeys = false
  private var result = MarkedString()

  init(_ meter: Meter) { self.meter = meter }

  mutating func text(_ value: Value) throws(TemplateError) -> MarkedString {
    try write(value, level: 0)
    return result
  }

  private mutating func append(_ text: MarkedString) throws(TemplateError) {
    try meter.make(text.count)
    result.append(text)
  }

  private mutating func write(_ value: Value, level: Int) throws(TemplateError) {
    try meter.step()
    try meter.make(8)
    switch value {
    case .none: result.append(made: "null")
    case .bool(let flag): result.append(made: flag ? "true" : "false")
    case .int(let number): result.append(made: String(number))
    case .float(let number): result.append(made: text(number))
    case .string(let text): try write(text)
    case .sequence(let sequence) where sequence.form == .list || sequence.form == .tuple:
      try write(sequence.items, level: level + 1)
    case .dict(let dict): try write(dict, level: level + 1)
    default: throw meter.fail(.operands("tojson", found: value.kind))
    }
  }

  private func text(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    return number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : PythonNumber.text(number)
  }

  private mutating func breakLine(_ level: Int) throws(TemplateError) {
    guard let indent else { return }
    result.append(made: "\n")
    for _ in 0..<level { try append(indent) }
  }

  private mutating func write(_ items: [Value], level: Int) throws(TemplateError) {
    if items.isEmpty { return result.append(made: "[]") }
    result.append(made: "[")
    for (index, item) in items.enumerated() {
      if index > 0 { try append(itemSeparator) }
      try breakLine(level)
      try write(item, level: level)
    }
    try breakLine(level - 1)
    result.append(made: "]")
  }

  private mutating func write(_ dict: Mapping, level: Int) throws(TemplateError) {
    if dict.entries.isEmpty { return result.append(made: "{}") }
    var entries = dict.entries
    if sortsKeys {
      let order = try Comparison(meter: meter).sorted(
        entries.indices.map(Value.int), by: entries.map(\.key), reverse: false)
      entries = order.compactMap(\.integer).map { entries[$0] }
    }
    result.append(made: "{")
    for (index, entry) in entries.enumerated() {
      if index > 0 { try append(itemSeparator) }
      try breakLine(level)
      try writeKey(entry.key)
      try append(keySeparator)
      try write(entry.value, level: level)
    }
    try breakLine(level - 1)
    result.append(made: "}")
  }

  private mutating func writeKey(_ key: Value) throws(TemplateError) {
    switch key {
    case .string(let text): try write(text)
    case .none: result.append(made: "\"null\"")
    case .bool(let flag): result.append(made: flag ? "\"true\"" : "\"false\"")
    case .int(let number): result.append(made: "\"\(number)\"")
    case .float(let number): result.append(made: "\"\(text(number))\"")
    default: throw meter.fail(.operands("a name in tojson", found: key.kind))
    }
  }

  private mutating func write(_ text: MarkedString) throws(TemplateError) {
    try meter.make(text.count)
    result.append(made: 0x22)
    var (start, offset) = (0, 0)
    while offset < text.count {
      let byte = text.bytes[offset]
      var length = 1
      var escape: String?
      if byte < 0x80 {
        escape = Self.escape(byte)
      } else if ensureASCII {
        let (scalar, scalarLength) = text.scalar(at: offset)
        length = scalarLength
        escape = String(scalar).utf16.map { Self.code($0) }.joined()
      }
      if let escape {
        result.append(text, start..<offset)
        try meter.make(escape.utf8.count)
        result.append(made: escape)
        start = offset + length
      }
      offset += length
    }
    result.append(text, start..<text.count)
    result.append(made: 0x22)
  }

  private static func escape(_ byte: UInt8) -> String? {
    switch byte {
    case 0x22: "\\\""
    case 0x5C: "\\\\"
    case 0x0A: "\\n"
    case 0x0D: "\\r"
    case 0x09: "\\t"
    case 0x08: "\\b"
    case 0x0C: "\\f"
    case 0..<0x20: code(UInt16(byte))
    default: nil
    }
  }

  private static func code(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
