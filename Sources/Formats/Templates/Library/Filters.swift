/// What can stand behind `|`.
enum Filter: String {
  case abs, attr, batch, capitalize, center, count, d, `default`, dictsort, e, escape, first, float,
    forceescape, format
  case indent, int, items, join, last, length, list, lower, map, max, min, reject, rejectattr, replace,
    reverse, round
  case safe, select, selectattr, slice, sort, string, sum, title, tojson, trim, truncate, unique, upper,
    wordcount
}

struct Filters {
  let meter: Meter

  func apply(_ filter: Filter, _ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch filter {
    case .default, .d:
      let values = try bound(arguments, ["default_value", "boolean"], filter)
      let isMissing = input.isUndefined || (values[1]?.isTrue ?? false) && !input.isTrue
      return isMissing ? values[0] ?? .template("") : input
    case .length, .count: return try .int(Iteration(meter: meter).count(of: input))
    case .list: return .sequence(try Series(try Iteration(meter: meter).items(of: input), meter))
    case .string, .safe: return .string(try Printing(meter: meter).text(input))
    case .tojson: return .string(try json(input, arguments))
    case .attr:
      guard let name = try bound(arguments, ["name"], filter, required: 1)[0]?.string else {
        throw misuse(filter, "it takes a name")
      }
      return try attribute(name, input)
    case .abs, .float, .int, .round, .sum: return try number(filter, input, arguments)
    case .batch, .dictsort, .first, .items, .last, .max, .min, .reverse, .slice, .sort, .unique:
      return try sequence(filter, input, arguments)
    case .map, .select, .selectattr, .reject, .rejectattr: return try choose(filter, input, arguments)
    default: return .string(try text(filter, input, arguments))
    }
  }

  func bound(
    _ arguments: Arguments, _ parameters: [String], _ filter: Filter, required: Int = 0
  ) throws(TemplateError) -> [Value?] {
    try arguments.bound(to: parameters, required: required, of: "filter '\(filter.rawValue)'", meter)
  }

  func misuse(_ filter: Filter, _ reason: String) -> TemplateError {
    meter.fail(.arguments(of: "filter '\(filter.rawValue)'", reason))
  }

  /// A whole number that an argument is, or `usual` where it is not given.
  func integer(_ value: Value?, _ usual: Int, _ filter: Filter) throws(TemplateError) -> Int {
    guard let value else { return usual }
    guard let number = value.integer else {
      throw misuse(filter, "a whole number is expected, not \(value.kind)")
    }
    return number
  }

  /// A member that is no entry of a dictionary.
  private func attribute(_ name: MarkedString, _ input: Value) throws(TemplateError) -> Value {
    guard case .dict(let dict) = input, dict[name] != nil else {
      return try Access(meter: meter).attribute(name, of: input)
    }
    return Methods.table(for: input)?.known.contains(name.text) == true
      ? .method(Method(input, name.text)) : .undefined("'\(name.text.prefix(64))' of dict")
  }

  private func json(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    let values = try bound(arguments, ["ensure_ascii", "indent", "separators", "sort_keys"], .tojson)
    var writer = JSONText(meter)
    writer.ensureASCII = values[0]?.isTrue ?? false
    writer.sortsKeys = values[3]?.isTrue ?? false
    switch values[1] {
    case nil, .some(.none): break
    case .some(.string(let text)): writer.indent = text
    case .some(let value):
      let width = max(0, try integer(value, 0, .tojson))
      try meter.make(width)
      writer.indent = MarkedString(message: String(repeating: " ", count: width))
    }
    if writer.indent != nil { writer.itemSeparator = MarkedString(message: ",") }
    switch values[2] {
    case nil, .some(.none): break
    case .some(let pair):
      let parts = try Iteration(meter: meter).items(of: pair)
      guard parts.count == 2, let item = parts[0].string, let key = parts[1].string else {
        throw misuse(.tojson, "'separators' are two texts")
      }
      (writer.itemSeparator, writer.keySeparator) = (item, key)
    }
    return try writer.text(input)
  }
}
