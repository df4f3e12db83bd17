/// What stands inside of tags.
extension Lexer {
  private static let symbols = Token.Symbol.allCases.map { ($0, Array($0.rawValue.utf8)) }

  mutating func lexInside(_ brackets: inout [UInt8]) throws(TemplateError) {
    let first = byte(position)
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return try lexNumber()
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return try lexString(quote: first)
    default: break
    }
    let (scalar, _) = source.scalar(at: position)
    if scalar == "_" || scalar.properties.isXIDStart { return lexName() }
    for (symbol, bytes) in Self.symbols where source.matches(bytes, at: position) {
      try balance(first, &brackets)
      append(.symbol(symbol))
      position += bytes.count
      return
    }
    throw .syntax(line: line, found: "'\(scalar)'", expected: "a name, value or operator")
  }

  private func balance(_ byte: UInt8, _ brackets: inout [UInt8]) throws(TemplateError) {
    switch byte {
    case UInt8(ascii: "("): brackets.append(UInt8(ascii: ")"))
    case UInt8(ascii: "["): brackets.append(UInt8(ascii: "]"))
    case UInt8(ascii: "{"): brackets.append(UInt8(ascii: "}"))
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      let expected = brackets.popLast()
      guard expected == byte else {
        let wanted = expected.map { "'\(Unicode.Scalar($0))'" } ?? "no closing bracket"
        throw .syntax(line: line, found: "'\(Unicode.Scalar(byte))'", expected: wanted)
      }
    default: break
    }
  }

  private mutating func lexName() {
    let start = position
    while position < source.count {
      let (scalar, length) = source.scalar(at: position)
      guard scalar.properties.isXIDContinue else { break }
      position += length
    }
    append(.name(text(start..<position)))
  }

  // MARK: Numbers

  private mutating func lexNumber() throws(TemplateError) {
    let start = position
    if byte(start) == UInt8(ascii: "0"), let radix = radix(byte(start + 1)) {
      position += 2
      while isAlphanumeric(byte(position)) { position += 1 }
      return try appendInteger(text(start + 2..<position), radix: radix)
    }
    skipDigits()
    var isWhole = true
    if byte(position) == UInt8(ascii: "."), isDigit(byte(position + 1)) {
      isWhole = false
      position += 1
      skipDigits()
    }
    if byte(position) | 0x20 == UInt8(ascii: "e") {
      let sign = byte(position + 1)
      let digits = position + (sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? 2 : 1)
      if isDigit(byte(digits)) {
        isWhole = false
        position = digits
        skipDigits()
      }
    }
    let written = text(start..<position)
    if isWhole { return try appendInteger(written, radix: 10) }
    guard let value = Double(written.filter { $0 != "_" }) else { throw badNumber(written) }
    append(.float(value))
  }

  private mutating func appendInteger(_ written: String, radix: Int) throws(TemplateError) {
    let digits = written.filter { $0 != "_" }
    let isZero = digits.allSatisfy { $0 == "0" }
    guard radix != 10 || isZero || !digits.hasPrefix("0"), let value = Int(digits, radix: radix) else {
      throw badNumber(written)
    }
    append(.integer(value))
  }

  private func badNumber(_ written: String) -> TemplateError {
    .syntax(line: line, found: "'\(written.prefix(64))'", expected: "a number of 64 bits")
  }

  private func radix(_ letter: UInt8) -> Int? {
    switch letter | 0x20 {
    case UInt8(ascii: "x"): 16
    case UInt8(ascii: "o"): 8
    case UInt8(ascii: "b"): 2
    default: nil
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "_") || (0x61...0x7A).contains(byte | 0x20)
  }

  private mutating func skipDigits() {
    while isDigit(byte(position)) || byte(position) == UInt8(ascii: "_") { position += 1 }
  }

  // MARK: Strings

  private mutating func lexString(quote: UInt8) throws(TemplateError) {
    let opening = line
    position += 1
    var value: [UInt8] = []
    while position < source.count, source.bytes[position] != quote {
      if source.bytes[position] == UInt8(ascii: "\\") {
        try lexEscape(into: &value)
      } else {
        value.append(source.bytes[position])
        advance(to: position + 1)
      }
    }
    guard position < source.count else {
      throw .syntax(line: opening, found: "the end of the template", expected: "the end of a string")
    }
    position += 1
    tokens.append(Token(kind: .string(String(decoding: value, as: UTF8.self)), line: opening))
  }

  /// An escape as Python has it; one that is unknown there stays as it is written.
  private mutating func lexEscape(into value: inout [UInt8]) throws(TemplateError) {
    let code = byte(position + 1)
    advance(to: min(position + 2, source.count))
    switch code {
    case UInt8(ascii: "n"): value.append(10)
    case UInt8(ascii: "t"): value.append(9)
    case UInt8(ascii: "r"): value.append(13)
    case UInt8(ascii: "a"): value.append(7)
    case UInt8(ascii: "b"): value.append(8)
    case UInt8(ascii: "f"): value.append(12)
    case UInt8(ascii: "v"): value.append(11)
    case 0x0A: break
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): value.append(code)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      position -= 1
      try lexCode(from: position, most: 3, least: 1, radix: 8, into: &value)
    case UInt8(ascii: "x"): try lexCode(from: position, most: 2, least: 2, radix: 16, into: &value)
    case UInt8(ascii: "u"): try lexCode(from: position, most: 4, least: 4, radix: 16, into: &value)
    case UInt8(ascii: "U"): try lexCode(from: position, most: 8, least: 8, radix: 16, into: &value)
    case UInt8(ascii: "N"): throw .unsupported(line: line, kind: .format, name: "\\N")
    default: value += [UInt8(ascii: "\\"), code]
    }
  }

  private mutating func lexCode(
    from start: Int, most: Int, least: Int, radix: Int, into value: inout [UInt8]
  ) throws(TemplateError) {
    var (code, count) = (UInt32(0), 0)
    while count < most, let digit = Character(Unicode.Scalar(byte(start + count))).hexDigitValue,
      digit < radix
    {
      code = code << (radix == 16 ? 4 : 3) | UInt32(digit)
      count += 1
    }
    guard count >= least, let scalar = Unicode.Scalar(code) else {
      throw .syntax(line: line, found: "an escape of no character", expected: "the code of a character")
    }
    value += String(Character(scalar)).utf8
    position = start + count
  }
}
