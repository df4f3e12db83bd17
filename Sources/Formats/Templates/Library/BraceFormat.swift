/// `text.format(…)` of Python.
struct BraceFormat {
  let meter: Meter
  let arguments: Arguments

  func text(_ format: MarkedString) throws(TemplateError) -> MarkedString {
    var result = MarkedString()
    var (offset, next) = (0, 0)
    while offset < format.count {
      let byte = format.bytes[offset]
      guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
        let start = offset
        while offset < format.count, ![0x7B, 0x7D].contains(format.bytes[offset]) { offset += 1 }
        result.append(format, start..<offset)
        continue
      }
      if format.matches([byte, byte], at: offset) {
        result.append(format, offset..<offset + 1)
        offset += 2
        continue
      }
      guard byte == UInt8(ascii: "{"),
        let end = format.firstOffset(of: [UInt8(ascii: "}")], in: offset..<format.count)
      else { throw meter.fail(.value("format", found: "a single brace")) }
      let text = try field(format[offset + 1..<end], &next)
      try meter.make(text.count)
      result.append(text)
      offset = end + 1
    }
    return result
  }

  /// `name!conversion:specification`.
  private func field(_ field: MarkedString, _ next: inout Int) throws(TemplateError) -> MarkedString {
    if field.bytes.contains(UInt8(ascii: "{")) {
      throw .unsupported(line: meter.line, kind: .format, name: "{…{…}}")
    }
    let whole = 0..<field.count
    let colon = field.firstOffset(of: [UInt8(ascii: ":")], in: whole) ?? field.count
    let mark = field.firstOffset(of: [UInt8(ascii: "!")], in: 0..<colon) ?? colon
    var value = try lookUp(field[0..<mark], &next)
    if mark < colon {
      let printing = Printing(meter: meter)
      switch field[mark + 1..<colon].text {
      case "s": value = .string(try printing.text(value))
      case "r": value = .string(try printing.representation(value))
      default:
        throw .unsupported(
          line: meter.line, kind: .format, name: "!\(field[mark + 1..<colon].text.prefix(16))")
      }
    }
    let specification = colon < field.count ? field[colon + 1..<field.count] : MarkedString()
    return try FormatSpecification(specification, meter).text(value, meter)
  }

  /// `name.member[item]`, or a place in the order of the arguments.
  private func lookUp(_ path: MarkedString, _ next: inout Int) throws(TemplateError) -> Value {
    var end = 0
    while end < path.count, ![UInt8(ascii: "."), UInt8(ascii: "[")].contains(path.bytes[end]) { end += 1 }
    let name = path[0..<end].text
    var value: Value?
    if name.isEmpty {
      value = next < arguments.positional.count ? arguments.positional[next] : nil
      next += 1
    } else if let place = Int(name), place >= 0 {
      value = place < arguments.positional.count ? arguments.positional[place] : nil
    } else {
      value = arguments.named.first { $0.name == name }?.value
    }
    guard var value else { throw meter.fail(.value("format", found: "no value for '{\(name.prefix(64))}'")) }
    while end < path.count { value = try step(path, &end, value) }
    return value
  }

  private func step(_ path: MarkedString, _ end: inout Int, _ value: Value) throws(TemplateError) -> Value {
    let access = Access(meter: meter)
    var start = end + 1
    if path.bytes[end] == UInt8(ascii: ".") {
      end = start
      while end < path.count, ![UInt8(ascii: "."), UInt8(ascii: "[")].contains(path.bytes[end]) { end += 1 }
      return try access.attribute(path[start..<end], of: value)
    }
    guard let close = path.firstOffset(of: [UInt8(ascii: "]")], in: start..<path.count) else {
      throw meter.fail(.value("format", found: "a '[' without its ']'"))
    }
    let name = path[start..<close]
    start = close + 1
    end = start
    return try access.item(Int(name.text).map(Value.int) ?? .string(name), of: value)
  }
}

/// What stands behind the colon of a place: `[[fill]align][sign][#][0][width][,][.precision][type]`.
struct FormatSpecification {
  private var fill = MarkedString(message: " ")
  private var align: Unicode.Scalar?
  private var sign: Unicode.Scalar = "-"
  private var isAlternate = false
  private var isZeroed = false
  private var width = 0
  private var grouping: String?
  private var precision: Int?
  private var type: Unicode.Scalar?

  init(_ text: MarkedString, _ meter: Meter) throws(TemplateError) {
    let aligns: Set<Unicode.Scalar> = ["<", ">", "^", "="]
    var offset = 0
    if !text.isEmpty {
      let (first, length) = text.scalar(at: 0)
      if length < text.count, aligns.contains(text.scalar(at: length).scalar) {
        (fill, align, offset) = (text[0..<length], text.scalar(at: length).scalar, length + 1)
      } else if aligns.contains(first) {
        (align, offset) = (first, 1)
      }
    }
    func peek() -> Unicode.Scalar? { offset < text.count ? text.scalar(at: offset).scalar : nil }
    if let next = peek(), ["+", "-", " "].contains(next) { (sign, offset) = (next, offset + 1) }
    if peek() == "#" { (isAlternate, offset) = (true, offset + 1) }
    if peek() == "0" { (isZeroed, offset) = (true, offset + 1) }
    width = try Self.number(text, &offset, meter) ?? 0
    if let next = peek(), next == "," || next == "_" { (grouping, offset) = (String(next), offset + 1) }
    if peek() == "." {
      offset += 1
      guard let digits = try Self.number(text, &offset, meter) else { throw Self.bad(text, meter) }
      precision = digits
    }
    if let next = peek() {
      type = next
      offset += text.scalar(at: offset).length
    }
    if offset < text.count { throw Self.bad(text, meter) }
  }

  private static func bad(_ text: MarkedString, _ meter: Meter) -> TemplateError {
    .unsupported(line: meter.line, kind: .format, name: String(text.text.prefix(32)))
  }

  private static func number(
    _ text: MarkedString, _ offset: inout Int, _ meter: Meter
  ) throws(TemplateError) -> Int? {
    var value: Int?
    while offset < text.count, (0x30...0x39).contains(text.bytes[offset]) {
      value = (value ?? 0) * 10 + Int(text.bytes[offset] - 0x30)
      if value ?? 0 > 1 << 30 { throw bad(text, meter) }
      offset += 1
    }
    return value
  }

  func text(_ value: Value, _ meter: Meter) throws(TemplateError) -> MarkedString {
    switch value {
    case .int, .float: return try numberText(value, meter)
    case .bool where type != nil && type != "s": return try numberText(value, meter)
    case .string, .undefined: break
    default:
      // Python formats other values only where nothing is specified.
      guard width == 0, type == nil, precision == nil else {
        throw meter.fail(.operands("format", found: value.kind))
      }
    }
    guard type == nil || type == "s", align != "=" else {
      throw meter.fail(.operands("format", found: value.kind))
    }
    var text = try Printing(meter: meter).text(value)
    if let precision, precision < text.characterCount { text = text[0..<text.characterOffsets[precision]] }
    return try padded(text, usual: "<", signLength: 0, meter)
  }

  private func numberText(_ value: Value, _ meter: Meter) throws(TemplateError) -> MarkedString {
    let number = value.number ?? 0
    var digits: String
    switch (type, value) {
    case (nil, .int(let whole)), ("d", .int(let whole)): digits = grouped(String(whole.magnitude))
    case ("d", .bool(let flag)): digits = flag ? "1" : "0"
    case ("x", .int(let whole)): digits = (isAlternate ? "0x" : "") + String(whole.magnitude, radix: 16)
    case ("X", .int(let whole)):
      digits = (isAlternate ? "0X" : "") + String(whole.magnitude, radix: 16, uppercase: true)
    case ("o", .int(let whole)): digits = (isAlternate ? "0o" : "") + String(whole.magnitude, radix: 8)
    case ("b", .int(let whole)): digits = (isAlternate ? "0b" : "") + String(whole.magnitude, radix: 2)
    case (nil, .float) where precision == nil: digits = grouped(PythonNumber.text(number.magnitude))
    case ("%", _):
      digits = grouped(NumberFormat.text(number.magnitude * 100, code: "f", digits: precision ?? 6)) + "%"
    case (let code?, _) where ["e", "E", "f", "F", "g", "G"].contains(code):
      digits = grouped(
        NumberFormat.text(number.magnitude, code: code, digits: precision ?? 6, alternate: isAlternate))
    default:
      throw .unsupported(
        line: meter.line, kind: .format, name: "\(type.map(String.init) ?? ".") of \(value.kind)")
    }
    let isNegative = number < 0 || number == 0 && number.sign == .minus
    let sign = isNegative ? "-" : self.sign == "-" ? "" : String(self.sign)
    return try padded(MarkedString(message: sign + digits), usual: ">", signLength: sign.utf8.count, meter)
  }

  /// With a separator after every three digits in front of the point.
  private func grouped(_ text: String) -> String {
    guard let grouping else { return text }
    let whole = text.prefix { $0.isNumber }
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { result += grouping }
      result.append(digit)
    }
    return result + text.dropFirst(whole.count)
  }

  private func padded(
    _ text: MarkedString, usual: Unicode.Scalar, signLength: Int, _ meter: Meter
  ) throws(TemplateError) -> MarkedString {
    let missing = max(0, width - text.characterCount)
    let isNumber = usual == ">"
    let align = self.align ?? (isZeroed && isNumber ? "=" : usual)
    let fill = isZeroed && self.align == nil ? MarkedString(message: "0") : fill
    let left = align == "<" ? 0 : align == "^" ? missing / 2 : missing
    return try StringMethods(meter: meter).padded(
      text, fill, left: left, right: missing - left, behind: align == "=" ? signLength : 0)
  }
}
