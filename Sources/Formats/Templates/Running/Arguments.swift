/// The values that something is called with.
struct Arguments {
  var positional: [Value] = []
  var named: [(name: String, value: Value)] = []

  /// Adds the entries of a dictionary as named values.
  mutating func unpack(_ value: Value, _ meter: Meter) throws(TemplateError) {
    guard case .dict(let dict) = value else {
      throw meter.fail(.operands("'**'", found: value.kind))
    }
    for (key, value) in dict.entries {
      guard let name = key.string?.text, !named.contains(where: { $0.name == name }) else {
        throw meter.fail(.arguments(of: "a call", "each name is a text and is given once"))
      }
      try meter.step()
      named.append((name, value))
    }
  }

  func dictionary(_ meter: Meter) throws(TemplateError) -> Mapping {
    var builder = MappingBuilder()
    for (name, value) in named { try builder.set(.made(name), value, meter) }
    return try builder.finish(meter)
  }

  /// The values in the order of `parameters`, of which the first `required` have to be given.
  func bound(
    to parameters: [String], required: Int = 0, of name: String, _ meter: Meter
  ) throws(TemplateError) -> [Value?] {
    guard positional.count <= parameters.count else {
      throw meter.fail(
        .arguments(of: name, "it takes at most \(parameters.count) arguments, not \(positional.count)"))
    }
    var values: [Value?] = positional
    values += Array(repeating: nil, count: parameters.count - positional.count)
    for (argument, value) in named {
      guard let place = parameters.firstIndex(of: argument) else {
        throw meter.fail(.arguments(of: name, "it takes no '\(argument.prefix(64))'"))
      }
      guard values[place] == nil else {
        throw meter.fail(.arguments(of: name, "'\(argument)' is given twice"))
      }
      values[place] = value
    }
    for index in 0..<required where values[index] == nil {
      throw meter.fail(.arguments(of: name, "'\(parameters[index])' is missing"))
    }
    return values
  }
}
