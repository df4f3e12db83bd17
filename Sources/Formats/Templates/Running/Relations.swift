/// Comparisons of two values.
struct Relations {
  let meter: Meter

  func holds(_ relation: Relation, _ left: Value, _ right: Value) throws(TemplateError) -> Bool {
    let comparison = Comparison(meter: meter)
    switch relation {
    case .equal: return try comparison.areEqual(left, right)
    case .unequal: return try !comparison.areEqual(left, right)
    case .within: return try contains(right, left)
    case .notWithin: return try !contains(right, left)
    case .less: return try comparison.isLess(left, right)
    case .greater: return try comparison.isLess(right, left)
    case .atMost: return try isAtMost(left, right)
    case .atLeast: return try isAtMost(right, left)
    }
  }

  private func isAtMost(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
    if let a = left.number, let b = right.number, a.isNaN || b.isNaN { return false }
    return try !Comparison(meter: meter).isLess(right, left)
  }

  private func contains(_ container: Value, _ value: Value) throws(TemplateError) -> Bool {
    switch container {
    case .string(let text):
      guard let part = value.string else { throw meter.fail(.operands("'in' a text", found: value.kind)) }
      try meter.make(text.count / 16)
      return text.firstOffset(of: part.bytes, in: 0..<text.count) != nil
    case .dict(let dict):
      guard let key = MappingKey.simple(value) else {
        throw meter.fail(.operands("a dictionary's key", found: value.kind))
      }
      return dict[key] != nil
    case .undefined: return false
    case .sequence:
      for item in try Iteration(meter: meter).items(of: container)
      where try Comparison(meter: meter).areEqual(item, value) { return true }
      return false
    default: throw meter.fail(.operands("'in'", found: container.kind))
    }
  }
}
