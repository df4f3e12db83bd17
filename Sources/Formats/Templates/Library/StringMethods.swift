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
    case .removeprefix, .removesuffix: return .string(try shortened(method, text, arguments))
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

  /// Without the text that the method is given, where it begins or ends with that.
  private func shortened(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> MarkedString {
    let part = try self.text(arguments, "part", of: method)
    if method == .removeprefix {
      return text.matches(part.bytes, at: 0) ? text[part.count..<text.count] : text
    }
    let rest = text.count - part.count
    return !part.isEmpty && text.matches(part.bytes, at: rest) ? text[0..<rest] : text
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
}
