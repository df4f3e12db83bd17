/// `text % values` of Python.
struct PercentFormat {
  let meter: Meter

  /// What stands between `%` and its letter.
  private struct Directive {
    var name: MarkedString?
    var isLeft = false
    var hasSign = false
    var hasSpace = false
    var isAlternate = false
    var isZeroed = false
    var width = 0
    var precision: Int?
    var code: Unicode.Scalar = "s"
  }

  func text(_ format: MarkedString, _ values: Value) throws(TemplateError) -> MarkedString {
    var items = [values]
    if case .sequence(let sequence) = values, sequence.form == .tuple { items = sequence.items }
    try meter.make(format.count)
    var result = MarkedString()
    var (offset, next) = (0, 0)
    while offset < format.count {
      guard format.bytes[offset] == UInt8(ascii: "%") else {
        let end = format.firstOffset(of: [UInt8(ascii: "%")], in: offset..<format.count) ?? format.count
        result.append(format, offset..<end)
        offset = end
        continue
      }
      let start = offset
      let directive = try directive(format, &offset, items, &next)
      if directive.code == "%" {
        result.append(format, start..<start + 1)
        continue
      }
      let value = try argument(directive, values, items, &next)
      let text = try self.text(value, directive)
      try meter.make(text.count)
      result.append(text)
    }
    if next < items.count, !isMapping(values) {
      if case .sequence(let sequence) = values, sequence.form != .tuple { return result }
      throw meter.fail(.arguments(of: "'%'", "\(items.count) values for \(next) places"))
    }
    return result
  }

  private func isMapping(_ value: Value) -> Bool {
    switch value {
    case .dict: true
    case .sequence(let sequence): sequence.form != .tuple
    default: false
    }
  }

  private func argument(
    _ directive: Directive, _ values: Value, _ items: [Value], _ next: inout Int
  ) throws(TemplateError) -> Value {
    if let name = directive.name {
      guard case .dict(let dict) = values, let value = dict[name] else {
        throw meter.fail(.value("'%'", found: "no value called '\(name.text.prefix(64))'"))
      }
      return value
    }
    guard next < items.count else {
      throw meter.fail(.arguments(of: "'%'", "it has more places than values"))
    }
    next += 1
    return items[next - 1]
  }

  // MARK: Reading

  private func directive(
    _ format: MarkedString, _ offset: inout Int, _ items: [Value], _ next: inout Int
  ) throws(TemplateError) -> Directive {
    var directive = Directive()
    offset += 1
    func byte(_ place: Int) -> UInt8 { place < format.count ? format.bytes[place] : 0 }
    if byte(offset) == UInt8(ascii: "(") {
      guard let end = format.firstOffset(of: [UInt8(ascii: ")")], in: offset..<format.count) else {
        throw meter.fail(.value("'%'", found: "a name without its ')'"))
      }
      directive.name = format[offset + 1..<end]
      offset = end + 1
    }
    flags: while true {
      switch byte(offset) {
      case UInt8(ascii: "-"): directive.isLeft = true
      case UInt8(ascii: "+"): directive.hasSign = true
      case UInt8(ascii: " "): directive.hasSpace = true
      case UInt8(ascii: "#"): directive.isAlternate = true
      case UInt8(ascii: "0"): directive.isZeroed = true
      default: break flags
      }
      offset += 1
    }
    directive.width = try number(format, &offset, items, &next) ?? 0
    if byte(offset) == UInt8(ascii: ".") {
      offset += 1
      directive.precision = try number(format, &offset, items, &next) ?? 0
    }
    while [UInt8(ascii: "l"), UInt8(ascii: "h"), UInt8(ascii: "L")].contains(byte(offset)) { offset += 1 }
    guard offset < format.count else {
      throw meter.fail(.value("'%'", found: "a text that ends within a place"))
    }
    let (scalar, length) = format.scalar(at: offset)
    directive.code = scalar
    offset += length
    return directive
  }

  private func number(
    _ format: MarkedString, _ offset: inout Int, _ items: [Value], _ next: inout Int
  ) throws(TemplateError) -> Int? {
    if format.matches([UInt8(ascii: "*")], at: offset) {
      throw .unsupported(line: meter.line, kind: .format, name: "%*")
    }
    var value: Int?
    while offset < format.count, (0x30...0x39).contains(format.bytes[offset]) {
      value = (value ?? 0) * 10 + Int(format.bytes[offset] - 0x30)
      if value ?? 0 > 1 << 30 { throw meter.fail(.value("'%'", found: "a width that is too large")) }
      offset += 1
    }
    return value
  }

  // MARK: Writing

  private func text(_ value: Value, _ directive: Directive) throws(TemplateError) -> MarkedString {
    switch directive.code {
    case "s", "r":
      let printing = Printing(meter: meter)
      var text = try directive.code == "s" ? printing.text(value) : printing.representation(value)
      if let precision = directive.precision, precision < text.characterCount {
        text = text[0..<text.characterOffsets[precision]]
      }
      return try padded(text, directive, isNumber: false)
    case "c":
      if let text = value.string, text.characterCount == 1 {
        return try padded(text, directive, isNumber: false)
      }
      guard let code = value.integer, let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else {
        throw meter.fail(.operands("'%c'", found: value.kind))
      }
      return try padded(MarkedString(message: String(scalar)), directive, isNumber: false)
    case "d", "i", "u", "x", "X", "o":
      return try padded(MarkedString(message: whole(value, directive)), directive, isNumber: true)
    case "e", "E", "f", "F", "g", "G":
      guard let number = value.number else { throw refused(value, directive) }
      let text = NumberFormat.text(
        number, code: directive.code, digits: directive.precision ?? 6, alternate: directive.isAlternate)
      return try padded(MarkedString(message: signed(text, directive)), directive, isNumber: true)
    default: throw .unsupported(line: meter.line, kind: .format, name: "%\(directive.code)")
    }
  }

  private func refused(_ value: Value, _ directive: Directive) -> TemplateError {
    meter.fail(.operands("'%\(directive.code)'", found: value.kind))
  }

  private func whole(_ value: Value, _ directive: Directive) throws(TemplateError) -> String {
    let isDecimal = ["d", "i", "u"].contains(directive.code)
    var number = value.integer
    if case .float(let float) = value, isDecimal { number = Int(exactly: float.rounded(.towardZero)) }
    guard let number else { throw refused(value, directive) }
    let radix = isDecimal ? 10 : directive.code == "o" ? 8 : 16
    var digits = String(number.magnitude, radix: radix, uppercase: directive.code == "X")
    if let precision = directive.precision, precision > digits.count {
      try meter.make(precision)
      digits = String(repeating: "0", count: precision - digits.count) + digits
    }
    if directive.isAlternate, !isDecimal { digits = "0\(directive.code)" + digits }
    return signed(number < 0 ? "-" + digits : digits, directive)
  }

  private func signed(_ text: String, _ directive: Directive) -> String {
    if text.hasPrefix("-") { return text }
    return directive.hasSign ? "+" + text : directive.hasSpace ? " " + text : text
  }

  private func padded(
    _ text: MarkedString, _ directive: Directive, isNumber: Bool
  ) throws(TemplateError) -> MarkedString {
    let missing = max(0, directive.width - text.characterCount)
    let isZeroed = directive.isZeroed && isNumber && !directive.isLeft
    let fill = MarkedString(message: isZeroed ? "0" : " ")
    var sign = 0
    if isZeroed, let first = text.bytes.first, "+- ".utf8.contains(first) { sign = 1 }
    if isZeroed, directive.isAlternate, ["x", "X", "o"].contains(directive.code) { sign += 2 }
    return try StringMethods(meter: meter).padded(
      text, fill, left: directive.isLeft ? 0 : missing, right: directive.isLeft ? missing : 0, behind: sign)
  }
}
