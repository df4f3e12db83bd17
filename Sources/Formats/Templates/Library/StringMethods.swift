/// Methods of texts.
enum StringMethod: String, CaseIterable {
  case capitalize, center, count, endswith, find, format, index, isalnum, isalpha, isascii,
    isdecimal, isdigit
  case islower, isnumeric, isprintable, isspace, istitle, isupper, join, ljust, lower, lstrip, partition,
    removeprefix
  case removesuffix, replace, rfind, rindex, rjust, rpartition, rsplit, rstrip, split, splitlines, startswith,
    strip
  case swapcase, title, upper, zfill
}

struct StringMethods {
  let meter: Meter

  func call(_ method: StringMethod, _ text: MarkedString, _ arguments: Arguments) throws(TemplateError)
    -> Value
  {
    try meter.make(text.count)
    switch method {
    case .strip, .lstrip, .rstrip: return .string(try stripped(method, text, arguments))
    case .split, .rsplit, .splitlines, .partition, .rpartition:
      return try Splitting(meter: meter).call(method, text, arguments)
    case .find, .rfind, .index, .rindex, .count: return .int(try search(method, text, arguments))
    case .startswith, .endswith: return .bool(try hasEnd(method, text, arguments))
    case .removeprefix, .removesuffix:
      let part = try self.text(arguments, "part", of: method)
      if method == .removeprefix {
        return .string(text.matches(part.bytes, at: 0) ? text[part.count..<text.count] : text)
      }
      let rest = text.count - part.count
      return .string(!part.isEmpty && text.matches(part.bytes, at: rest) ? text[0..<rest] : text)
    case .replace: return .string(try replaced(text, arguments))
    case .join:
      let values = try arguments.bound(to: ["iterable"], required: 1, of: "join", meter)
      return .string(
        try joined(try Iteration(meter: meter).items(of: values[0] ?? .none), separator: text, strict: true))
    case .format: return .string(try BraceFormat(meter: meter, arguments: arguments).text(text))
    case .center, .ljust, .rjust, .zfill: return .string(try padded(method, text, arguments))
    case .upper, .lower, .capitalize, .title, .swapcase:
      _ = try arguments.bound(to: [], of: method.rawValue, meter)
      return .string(cased(method, text))
    default:
      _ = try arguments.bound(to: [], of: method.rawValue, meter)
      return .bool(Self.isAll(method, text))
    }
  }

  private func cased(_ method: StringMethod, _ text: MarkedString) -> MarkedString {
    switch method {
    case .upper: Casing.upper(text)
    case .capitalize: Casing.capitalized(text)
    case .title: Casing.titled(text)
    case .swapcase: Casing.swapped(text)
    default: Casing.lower(text)
    }
  }

  /// The one text that a method takes.
  private func text(
    _ arguments: Arguments, _ name: String, of method: StringMethod
  ) throws(TemplateError) -> MarkedString {
    let value = try arguments.bound(to: [name], required: 1, of: method.rawValue, meter)[0]
    guard let text = value?.string else {
      throw meter.fail(.arguments(of: method.rawValue, "it takes a text, not \(value?.kind ?? "nothing")"))
    }
    return text
  }

  private func stripped(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> MarkedString {
    let value = try arguments.bound(to: ["chars"], of: method.rawValue, meter)[0]
    return try stripped(text, value, left: method != .rstrip, right: method != .lstrip)
  }

  /// Without the characters of `set`, or white space, at the ends.
  func stripped(_ text: MarkedString, _ set: Value?, left: Bool, right: Bool) throws(TemplateError)
    -> MarkedString
  {
    switch set {
    case nil, .some(.none): return text.stripped(left: left, right: right, \.isPythonSpace)
    case .some(.string(let set)):
      let scalars = Set(set.text.unicodeScalars)
      return text.stripped(left: left, right: right) { scalars.contains($0) }
    case .some(let other): throw meter.fail(.operands("strip", found: other.kind))
    }
  }

  // MARK: Search

  /// The bytes from `start` to `end`, which are counted in characters; nil where the start is behind the text.
  private func window(
    _ text: MarkedString, _ start: Value?, _ end: Value?, of method: StringMethod
  ) throws(TemplateError) -> (range: Range<Int>, offsets: [Int])? {
    try meter.make(8 * text.count)
    let offsets = text.characterOffsets
    let count = offsets.count - 1
    func place(_ value: Value?, _ usual: Int) throws(TemplateError) -> Int {
      guard let value else { return usual }
      if case .none = value { return usual }
      guard let number = value.integer else {
        throw meter.fail(.operands(method.rawValue, found: value.kind))
      }
      return number < 0 ? max(0, number + count) : number
    }
    let (first, last) = (try place(start, 0), min(try place(end, count), count))
    guard first <= count, first <= last else { return nil }
    return (offsets[first]..<offsets[last], offsets)
  }

  private func search(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> Int {
    let values = try arguments.bound(to: ["sub", "start", "end"], required: 1, of: method.rawValue, meter)
    guard let part = values[0]?.string else {
      throw meter.fail(.operands(method.rawValue, found: values[0]?.kind ?? "nothing"))
    }
    let window = try window(text, values[1], values[2], of: method)
    if method == .count { return window.map { count(part, in: text, $0.range) } ?? 0 }
    let isFirst = method == .find || method == .index
    let found = window.flatMap {
      isFirst ? text.firstOffset(of: part.bytes, in: $0.range) : text.lastOffset(of: part.bytes, in: $0.range)
    }
    guard let found else {
      if method == .find || method == .rfind { return -1 }
      throw meter.fail(.value(method.rawValue, found: "a text that is not in the other"))
    }
    return text[0..<found].characterCount
  }

  private func count(_ part: MarkedString, in text: MarkedString, _ range: Range<Int>) -> Int {
    if part.isEmpty { return text[range].characterCount + 1 }
    var (count, offset) = (0, range.lowerBound)
    while let found = text.firstOffset(of: part.bytes, in: offset..<range.upperBound) {
      count += 1
      offset = found + part.count
    }
    return count
  }

  private func hasEnd(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> Bool {
    let values = try arguments.bound(to: ["part", "start", "end"], required: 1, of: method.rawValue, meter)
    var parts = [values[0] ?? .none]
    if case .sequence(let sequence) = parts[0], sequence.form == .tuple { parts = sequence.items }
    var texts: [MarkedString] = []
    for part in parts {
      guard let text = part.string else { throw meter.fail(.operands(method.rawValue, found: part.kind)) }
      texts.append(text)
    }
    guard
      let range = values[1] == nil
        ? 0..<text.count : try window(text, values[1], values[2], of: method)?.range
    else {
      return false
    }
    for part in texts where part.count <= range.count {
      let offset = method == .startswith ? range.lowerBound : range.upperBound - part.count
      if text.matches(part.bytes, at: offset) { return true }
    }
    return false
  }

  // MARK: New texts

  private func replaced(_ text: MarkedString, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    let values = try arguments.bound(to: ["old", "new", "count"], required: 2, of: "replace", meter)
    guard let old = values[0]?.string, let new = values[1]?.string else {
      throw meter.fail(.arguments(of: "replace", "it takes two texts"))
    }
    guard let count = values[2].map(\.integer) ?? -1 else {
      throw meter.fail(.arguments(of: "replace", "its count is a whole number"))
    }
    return try replaced(text, old, new, count: count)
  }

  /// `text` with `new` in the place of `old`, at most `count` times if that is not negative.
  func replaced(
    _ text: MarkedString, _ old: MarkedString, _ new: MarkedString, count: Int
  ) throws(TemplateError) -> MarkedString {
    var places: [Int] = []
    var offset = 0
    try meter.make(8 * text.count)
    while count < 0 || places.count < count, offset <= text.count,
      let found = text.firstOffset(of: old.bytes, in: offset..<text.count)
    {
      places.append(found)
      offset = found + old.count
      if old.isEmpty { offset += found < text.count ? text.scalar(at: found).length : 1 }
    }
    try meter.make(new.count + 8, times: places.count)
    try meter.make(text.count)
    var result = MarkedString()
    offset = 0
    for place in places {
      result.append(text, offset..<place)
      result.append(new)
      offset = place + old.count
    }
    result.append(text, offset..<text.count)
    return result
  }

  /// The values with `separator` between them. The method takes texts alone, the filter prints others.
  func joined(
    _ values: [Value], separator: MarkedString, strict: Bool
  ) throws(TemplateError) -> MarkedString {
    var result = MarkedString()
    for (index, value) in values.enumerated() {
      guard !strict || value.string != nil else { throw meter.fail(.operands("join", found: value.kind)) }
      let text = try Printing(meter: meter).text(value)
      try meter.make(text.count + separator.count)
      if index > 0 { result.append(separator) }
      result.append(text)
    }
    return result
  }

  private func padded(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> MarkedString {
    let parameters = method == .zfill ? ["width"] : ["width", "fillchar"]
    let values = try arguments.bound(to: parameters, required: 1, of: method.rawValue, meter)
    guard let width = values[0]?.integer else {
      throw meter.fail(.operands(method.rawValue, found: values[0]?.kind ?? "nothing"))
    }
    var fill = MarkedString(message: method == .zfill ? "0" : " ")
    if values.count > 1, let value = values[1] {
      guard let text = value.string, text.characterCount == 1 else {
        throw meter.fail(.arguments(of: method.rawValue, "it fills with one character"))
      }
      fill = text
    }
    let missing = max(0, width.subtractingReportingOverflow(text.characterCount).partialValue)
    if width <= text.characterCount { return text }
    var left = 0
    switch method {
    case .rjust, .zfill: left = missing
    case .center: left = missing / 2 + (missing & width & 1)
    default: break
    }
    let sign = method == .zfill && (text.matches([0x2B], at: 0) || text.matches([0x2D], at: 0)) ? 1 : 0
    return try padded(text, fill, left: left, right: missing - left, behind: sign)
  }

  /// With `fill` so many times at the left, behind the first `sign` bytes, and at the right.
  func padded(
    _ text: MarkedString, _ fill: MarkedString, left: Int, right: Int, behind sign: Int = 0
  ) throws(TemplateError) -> MarkedString {
    try meter.make(fill.count + 8, times: left)
    try meter.make(fill.count + 8, times: right)
    try meter.make(text.count)
    var result = MarkedString()
    result.append(text, 0..<sign)
    for _ in 0..<left { result.append(fill) }
    result.append(text, sign..<text.count)
    for _ in 0..<right { result.append(fill) }
    return result
  }

  // MARK: Kinds of characters

  private static func isAll(_ method: StringMethod, _ text: MarkedString) -> Bool {
    switch method {
    case .islower: return Casing.isAll(text, upper: false)
    case .isupper: return Casing.isAll(text, upper: true)
    case .istitle: return isTitle(text)
    case .isascii: return text.isASCII
    case .isprintable: return text.text.unicodeScalars.allSatisfy(\.isPythonPrintable)
    default: return !text.isEmpty && text.text.unicodeScalars.allSatisfy { isOf(method, $0) }
    }
  }

  private static func isOf(_ method: StringMethod, _ scalar: Unicode.Scalar) -> Bool {
    let isDecimal = scalar.properties.generalCategory == .decimalNumber
    let isDigit = isDecimal || scalar.properties.numericType == .digit
    switch method {
    case .isspace: return scalar.isPythonSpace
    case .isdecimal: return isDecimal
    case .isdigit: return isDigit
    case .isnumeric: return scalar.properties.numericType != nil
    case .isalpha: return scalar.isPythonLetter
    default: return scalar.isPythonLetter || scalar.properties.numericType != nil
    }
  }

  /// Whether every word begins with an upper-case character, of which only lower-case ones follow.
  private static func isTitle(_ text: MarkedString) -> Bool {
    var (isInside, found) = (false, false)
    for scalar in text.text.unicodeScalars {
      let properties = scalar.properties
      if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
        if isInside { return false }
        (isInside, found) = (true, true)
      } else if properties.isLowercase {
        if !isInside { return false }
      } else {
        isInside = false
      }
    }
    return found
  }
}

extension Unicode.Scalar {
  /// What Python's `str.isalpha` calls a letter.
  fileprivate var isPythonLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
