/// Filters that make numbers.
extension Filters {
  func number(_ filter: Filter, _ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch filter {
    case .abs:
      _ = try bound(arguments, [], filter)
      if case .undefined(let name) = input { throw meter.fail(.undefined(name)) }
      if let number = input.integer {
        return number < 0 ? try Calculation(meter: meter).negative(.int(number)) : .int(number)
      }
      guard let number = input.number else { throw meter.fail(.operands("abs", found: input.kind)) }
      return .float(number.magnitude)
    case .int: return try whole(input, arguments)
    case .float:
      let usual = try bound(arguments, ["default"], filter)[0]
      if let number = input.number { return .float(number) }
      return input.string.flatMap { Self.real($0.text) }.map(Value.float) ?? usual ?? .float(0)
    case .sum: return try sum(input, arguments)
    default: return try rounded(input, arguments)
    }
  }

  private func whole(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let values = try bound(arguments, ["default", "base"], .int)
    let usual = values[0] ?? .int(0)
    let base = try integer(values[1], 10, .int)
    if let number = input.integer { return .int(number) }
    var real: Double?
    if case .string(let text) = input {
      try meter.make(4 * text.count)
      guard base == 0 || (2...36).contains(base) else { throw misuse(.int, "the base is 0 or from 2 to 36") }
      if let digits = Self.digits(text.text, base: base) {
        guard let value = Int(digits.text, radix: digits.base) else { throw meter.fail(.overflow) }
        return .int(value)
      }
      real = Self.real(text.text)
    } else {
      real = input.number
    }
    guard let real else { return usual }
    guard real.isFinite else { return usual }
    guard let value = Int(exactly: real.rounded(.towardZero)) else { throw meter.fail(.overflow) }
    return .int(value)
  }

  private static func trimmed(_ text: String) -> Substring.UnicodeScalarView {
    var scalars = text.unicodeScalars[...]
    while let first = scalars.first, first.isPythonSpace { scalars.removeFirst() }
    while let last = scalars.last, last.isPythonSpace { scalars.removeLast() }
    return scalars
  }

  /// The digits with their sign that Python's `int` reads, and their base.
  private static func digits(_ text: String, base: Int) -> (text: String, base: Int)? {
    var rest = Substring(trimmed(text)).lowercased()[...]
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
    var base = base
    for (prefix, meant) in [("0x", 16), ("0o", 8), ("0b", 2)]
    where rest.hasPrefix(prefix) && (base == meant || base == 0) {
      rest.removeFirst(2)
      if rest.hasPrefix("_") { rest.removeFirst() }
      base = meant
    }
    if base == 0 { base = 10 }
    let groups = rest.split(separator: "_", omittingEmptySubsequences: false)
    for group in groups {
      let areDigits = group.allSatisfy {
        ($0.isASCII ? $0.hexDigitValue ?? letter($0) : nil).map { $0 < base } ?? false
      }
      if group.isEmpty || !areDigits { return nil }
    }
    return ((isNegative ? "-" : "") + groups.joined(), base)
  }

  /// The value of a letter as a digit.
  private static func letter(_ character: Character) -> Int? {
    guard let ascii = character.asciiValue, (0x61...0x7A).contains(ascii) else { return nil }
    return Int(ascii) - 0x61 + 10
  }

  /// The number that Python's `float` reads.
  private static func real(_ text: String) -> Double? {
    let trimmed = String(Substring(trimmed(text)))
    let groups = trimmed.split(separator: "_", omittingEmptySubsequences: false)
    for (left, right) in zip(groups, groups.dropFirst()) {
      guard let before = left.last, let after = right.first, before.isNumber, after.isNumber else {
        return nil
      }
    }
    let written = groups.joined().lowercased()
    let unsigned = written.drop { $0 == "+" || $0 == "-" }
    if ["inf", "infinity", "nan"].contains(unsigned) { return Double(written) }
    let isPlain = written.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.e".utf8.contains($0) }
    guard isPlain, let value = Double(padded(written)) else { return nil }
    return value
  }

  /// Python reads `5.` and `.5`, which need their zero here.
  private static func padded(_ written: String) -> String {
    var result = ""
    var previous: Character = "+"
    for character in written {
      if previous == ".", character == "e" { result.append("0") }
      if character == ".", !previous.isNumber { result.append("0") }
      result.append(character)
      previous = character
    }
    return previous == "." && written.count > 1 ? result + "0" : result
  }

  private func sum(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let values = try bound(arguments, ["attribute", "start"], .sum)
    var total = values[1] ?? .int(0)
    if total.string != nil { throw meter.fail(.operands("sum", found: "str")) }
    let path = try values[0].flatMap { isNone($0) ? nil : $0 }.map { value throws(TemplateError) in
      try ItemPath(value, meter)
    }
    for item in try Iteration(meter: meter).items(of: input) {
      let value = try path?.value(in: item, meter) ?? item
      total = try Calculation(meter: meter).result(.add, total, value)
    }
    return total
  }

  private func rounded(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let values = try bound(arguments, ["precision", "method"], .round)
    let digits = try integer(values[0], 0, .round)
    let method =
      try values[1].map { value throws(TemplateError) in try Printing(meter: meter).text(value).text }
      ?? "common"
    guard let number = input.number else { throw meter.fail(.operands("round", found: input.kind)) }
    switch method {
    case "common":
      if let whole = input.integer {
        if digits >= 0 { return .int(whole) }
        guard let value = Int(exactly: NumberFormat.rounded(Double(whole), digits: digits)) else {
          throw meter.fail(.overflow)
        }
        return .int(value)
      }
      return .float(NumberFormat.rounded(number, digits: digits))
    case "ceil", "floor":
      let unit = try Calculation(meter: meter).result(.power, .float(10), .int(digits)).number ?? 1
      let scaled = (number * unit).rounded(method == "ceil" ? .up : .down)
      return .float(scaled / unit)
    default: throw misuse(.round, "the method is 'common', 'ceil' or 'floor'")
    }
  }
}
