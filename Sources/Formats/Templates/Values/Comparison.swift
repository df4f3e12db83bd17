/// Equality and order of values, as Python has them. Every value that is looked at is a step.
struct Comparison {
  let meter: Meter

  func areEqual(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
    try meter.step()
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.string(let a), .string(let b)):
      if a.count != b.count { return false }
      try meter.make(a.count / 16)
      return a == b
    case (.sequence(let a), .sequence(let b)): return try areEqual(a, b)
    case (.dict(let a), .dict(let b)): return try areEqual(a, b)
    case (.namespace(let a), .namespace(let b)): return a === b
    case (.loop(let a), .loop(let b)): return a === b
    case (.macro(let a), .macro(let b)): return a === b
    case (.function(let a), .function(let b)): return a == b
    case (.method(let a), .method(let b)): return a === b
    default:
      if let a = left.integer, let b = right.integer { return a == b }
      guard let a = left.number, let b = right.number else { return false }
      return a == b
    }
  }

  private func areEqual(_ left: Series, _ right: Series) throws(TemplateError) -> Bool {
    if left === right { return true }
    if left.form == .iterator || left.form != right.form || left.items.count != right.items.count {
      return false
    }
    for index in left.items.indices where try !areEqual(left.items[index], right.items[index]) {
      return false
    }
    return true
  }

  private func areEqual(_ left: Mapping, _ right: Mapping) throws(TemplateError) -> Bool {
    if left.entries.count != right.entries.count { return false }
    for (key, value) in left.entries {
      guard let found = MappingKey.simple(key), let other = right[found] else { return false }
      if try !areEqual(value, other) { return false }
    }
    return true
  }

  /// Whether `left` comes before `right`.
  func isLess(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
    try meter.step()
    if let a = left.integer, let b = right.integer { return a < b }
    if let a = left.number, let b = right.number { return a < b }
    switch (left, right) {
    case (.string(let a), .string(let b)):
      try meter.make(min(a.count, b.count) / 16)
      return a.bytes.lexicographicallyPrecedes(b.bytes)
    case (.sequence(let a), .sequence(let b)) where a.form == b.form && (a.form == .list || a.form == .tuple):
      for index in 0..<min(a.items.count, b.items.count) {
        if try !areEqual(a.items[index], b.items[index]) { return try isLess(a.items[index], b.items[index]) }
      }
      return a.items.count < b.items.count
    default: throw meter.fail(.operands("'<'", found: "\(left.kind) and \(right.kind)"))
    }
  }

  /// `values` in ascending order of `keys`; equal ones stay in their order.
  func sorted(_ values: [Value], by keys: [Value], reverse: Bool) throws(TemplateError) -> [Value] {
    var order = Array(values.indices)
    var spare = order
    var width = 1
    while width < order.count {
      var start = 0
      while start < order.count {
        let middle = min(start + width, order.count)
        let end = min(start + 2 * width, order.count)
        var (left, right) = (start, middle)
        for place in start..<end {
          var takesLeft = left < middle
          if left < middle, right < end {
            let (a, b) = (keys[order[left]], keys[order[right]])
            takesLeft = try reverse ? !isLess(a, b) : !isLess(b, a)
          }
          spare[place] = takesLeft ? order[left] : order[right]
          if takesLeft { left += 1 } else { right += 1 }
        }
        start = end
      }
      swap(&order, &spare)
      width *= 2
    }
    return order.map { values[$0] }
  }
}
