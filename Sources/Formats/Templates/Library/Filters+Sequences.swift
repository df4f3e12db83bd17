/// Filters that order values and take some of them.
extension Filters {
  func sequence(_ filter: Filter, _ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch filter {
    case .first, .last:
      _ = try bound(arguments, [], filter)
      return try end(input, isFirst: filter == .first)
    case .reverse:
      _ = try bound(arguments, [], filter)
      return try reversed(input)
    case .items:
      _ = try bound(arguments, [], filter)
      if input.isUndefined { return try iterator([]) }
      guard case .dict(let dict) = input else { throw meter.fail(.operands("items", found: input.kind)) }
      return try iterator(try Methods(meter: meter).pairs(dict))
    case .sort: return try sorted(input, arguments)
    case .dictsort: return try sortedEntries(input, arguments)
    case .unique: return try unique(input, arguments)
    case .min, .max: return try extreme(filter, input, arguments)
    case .batch: return try batches(input, arguments)
    default: return try slices(input, arguments)
    }
  }

  func iterator(_ items: [Value]) throws(TemplateError) -> Value {
    try meter.make(values: items.count)
    return .sequence(try Series(items, .iterator, meter))
  }

  private func end(_ input: Value, isFirst: Bool) throws(TemplateError) -> Value {
    if !isFirst, case .sequence(let sequence) = input, sequence.form == .iterator {
      throw meter.fail(.operands("last", found: "a generator"))
    }
    if case .string(let text) = input, !text.isEmpty {
      let length = isFirst ? text.scalar(at: 0).length : text.scalar(before: text.count).length
      return .string(isFirst ? text[0..<length] : text[text.count - length..<text.count])
    }
    if isFirst, case .sequence(let sequence) = input {
      return sequence.takeFirst() ?? .undefined("the first of no values")
    }
    let items = try Iteration(meter: meter).items(of: input)
    return (isFirst ? items.first : items.last)
      ?? .undefined("the \(isFirst ? "first" : "last") of no values")
  }

  private func reversed(_ input: Value) throws(TemplateError) -> Value {
    let items = try Iteration(meter: meter).items(of: input)
    guard input.string != nil else { return try iterator(items.reversed()) }
    return .string(
      try StringMethods(meter: meter).joined(items.reversed(), separator: MarkedString(), strict: true))
  }

  /// What values are ordered by: texts in lower case, unless their case counts.
  private func key(_ value: Value, isCased: Bool) throws(TemplateError) -> Value {
    guard !isCased, case .string(let text) = value else { return value }
    try meter.make(text.count)
    return .string(Casing.lower(text))
  }

  private func keys(
    _ items: [Value], _ attribute: Value?, isCased: Bool
  ) throws(TemplateError) -> [Value] {
    guard let attribute, !isNone(attribute) else {
      var keys: [Value] = []
      for item in items { keys.append(try key(item, isCased: isCased)) }
      return keys
    }
    let path = try ItemPath(attribute, meter)
    var keys: [Value] = []
    for item in items { keys.append(try key(path.value(in: item, meter), isCased: isCased)) }
    return keys
  }

  private func sorted(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let values = try bound(arguments, ["reverse", "case_sensitive", "attribute"], .sort)
    let items = try Iteration(meter: meter).items(of: input)
    let isCased = values[1]?.isTrue ?? false
    var keys: [Value] = []
    if let names = values[2]?.string, names.bytes.contains(UInt8(ascii: ",")) {
      let parts = try Splitting(meter: meter).parts(of: names, at: UInt8(ascii: ","))
      var columns: [[Value]] = []
      for part in parts { columns.append(try self.keys(items, part, isCased: isCased)) }
      try meter.make(values: items.count * columns.count)
      for index in items.indices { keys.append(.sequence(try Series(columns.map { $0[index] }, meter))) }
    } else {
      keys = try self.keys(items, values[2], isCased: isCased)
    }
    try meter.make(values: items.count)
    let order = try Comparison(meter: meter).sorted(items, by: keys, reverse: values[0]?.isTrue ?? false)
    return .sequence(try Series(order, meter))
  }

  private func sortedEntries(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let values = try bound(arguments, ["case_sensitive", "by", "reverse"], .dictsort)
    if case .undefined(let name) = input { throw meter.fail(.undefined(name)) }
    guard case .dict(let dict) = input else { throw meter.fail(.operands("dictsort", found: input.kind)) }
    let by = values[1]?.string?.text ?? "key"
    guard by == "key" || by == "value" else { throw misuse(.dictsort, "it sorts by 'key' or 'value'") }
    var keys: [Value] = []
    for entry in dict.entries {
      keys.append(try key(by == "key" ? entry.key : entry.value, isCased: values[0]?.isTrue ?? false))
    }
    let pairs = try Methods(meter: meter).pairs(dict)
    let order = try Comparison(meter: meter).sorted(pairs, by: keys, reverse: values[2]?.isTrue ?? false)
    return .sequence(try Series(order, meter))
  }

  private func unique(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let values = try bound(arguments, ["case_sensitive", "attribute"], .unique)
    let items = try Iteration(meter: meter).items(of: input)
    let keys = try keys(items, values[1], isCased: values[0]?.isTrue ?? false)
    var seen: Set<MappingKey> = []
    var kept: [Value] = []
    for (item, key) in zip(items, keys) {
      guard let found = MappingKey.simple(key) else { throw meter.fail(.operands("unique", found: key.kind)) }
      if seen.insert(found).inserted { kept.append(item) }
    }
    return try iterator(kept)
  }

  private func extreme(_ filter: Filter, _ input: Value, _ arguments: Arguments) throws(TemplateError)
    -> Value
  {
    let values = try bound(arguments, ["case_sensitive", "attribute"], filter)
    let items = try Iteration(meter: meter).items(of: input)
    let keys = try keys(items, values[1], isCased: values[0]?.isTrue ?? false)
    if items.isEmpty { return .undefined("the \(filter.rawValue) of no values") }
    var best = 0
    for index in items.indices.dropFirst() {
      let (left, right) = filter == .min ? (keys[index], keys[best]) : (keys[best], keys[index])
      if try Comparison(meter: meter).isLess(left, right) { best = index }
    }
    return items[best]
  }

  private func batches(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let values = try bound(arguments, ["linecount", "fill_with"], .batch, required: 1)
    let width = try integer(values[0], 1, .batch)
    guard width > 0 else { throw misuse(.batch, "a batch has at least one value") }
    let items = try Iteration(meter: meter).items(of: input)
    var batches: [Value] = []
    for start in stride(from: 0, to: items.count, by: min(width, items.count + 1)) {
      var batch = Array(items[start..<min(items.count, start + min(width, items.count))])
      if let fill = values[1], !isNone(fill), batch.count < width {
        try meter.make(values: width)
        batch += Array(repeating: fill, count: width - batch.count)
      }
      try meter.make(values: batch.count + 1)
      batches.append(.sequence(try Series(batch, meter)))
    }
    return try iterator(batches)
  }

  private func slices(_ input: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    let values = try bound(arguments, ["slices", "fill_with"], .slice, required: 1)
    let count = try integer(values[0], 1, .slice)
    guard count > 0 else { throw misuse(.slice, "there is at least one slice") }
    let items = try Iteration(meter: meter).items(of: input)
    try meter.make(values: count)
    try meter.step(count)
    let (size, longer) = (items.count / count, items.count % count)
    var slices: [Value] = []
    var start = 0
    for index in 0..<count {
      let end = start + size + (index < longer ? 1 : 0)
      var slice = Array(items[start..<end])
      if let fill = values[1], !isNone(fill), index >= longer { slice.append(fill) }
      slices.append(.sequence(try Series(slice, meter)))
      start = end
    }
    return try iterator(slices)
  }
}
