/// Filters that apply another filter or a test, which they are given by name, to every value.
extension Filters {
  func choose(_ filter: Filter, _ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let items = try Iteration(meter: meter).items(of: input)
    var results: [Value] = []
    try meter.make(values: items.count)
    if filter == .map {
      for item in items { results.append(try mapped(item, arguments)) }
      return try iterator(results)
    }
    let isOfAttribute = filter == .selectattr || filter == .rejectattr
    let keeps = filter == .select || filter == .selectattr
    var rest = arguments
    var path: ItemPath?
    if isOfAttribute {
      guard let name = rest.positional.first else {
        throw misuse(filter, "the name of an attribute is missing")
      }
      path = try ItemPath(name, meter)
      rest.positional.removeFirst()
    }
    let test = try test(&rest)
    for item in items {
      try meter.step()
      let value = try path?.value(in: item, meter) ?? item
      let holds =
        try test.map { test throws(TemplateError) in try ValueTests(meter: meter).holds(test, value, rest) }
        ?? value.isTrue
      if holds == keeps { results.append(item) }
    }
    return try iterator(results)
  }

  /// The test that comes first among the arguments, from which it is taken; nil where there are none.
  private func test(_ arguments: inout Arguments) throws(TemplateError) -> ValueTest? {
    guard let name = arguments.positional.first else { return nil }
    arguments.positional.removeFirst()
    guard let text = name.string?.text, let test = ValueTest(rawValue: text) else {
      throw .unsupported(
        line: meter.line, kind: .test, name: String((name.string?.text ?? name.kind).prefix(64)))
    }
    return test
  }

  private func mapped(_ item: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    try meter.step()
    guard let name = arguments.positional.first else {
      let values = try bound(arguments, ["attribute", "default"], .map)
      guard let attribute = values[0] else { throw misuse(.map, "it takes a filter's name or an attribute") }
      return try ItemPath(attribute, meter).value(in: item, or: values[1], meter)
    }
    guard let text = name.string?.text, let filter = Filter(rawValue: text) else {
      throw .unsupported(
        line: meter.line, kind: .filter, name: String((name.string?.text ?? name.kind).prefix(64)))
    }
    var rest = arguments
    rest.positional.removeFirst()
    // A filter named by a filter named by a filter… descends once for each name, of which a call has as many as it likes.
    try meter.enter()
    let value = try apply(filter, item, rest)
    meter.leave()
    return value
  }
}
