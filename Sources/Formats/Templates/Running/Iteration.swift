/// Going through values.
struct Iteration {
  let meter: Meter

  /// The values that a loop over `value` sees. An iterator is used up.
  func items(of value: Value) throws(TemplateError) -> [Value] {
    switch value {
    case .undefined: return []
    case .sequence(let sequence):
      try meter.step(sequence.items.count)
      return sequence.take()
    case .dict(let dict):
      try meter.make(values: dict.entries.count)
      return dict.entries.map(\.key)
    case .string(let text): return try characters(of: text)
    default: throw meter.fail(.operands("a loop", found: value.kind))
    }
  }

  func characters(of text: MarkedString) throws(TemplateError) -> [Value] {
    try meter.make(values: 2 * text.count)
    var items: [Value] = []
    var offset = 0
    while offset < text.count {
      let length = text.scalar(at: offset).length
      items.append(.string(text[offset..<offset + length]))
      offset += length
    }
    return items
  }

  /// The number of values, where Python's `len` has one.
  func count(of value: Value) throws(TemplateError) -> Int {
    switch value {
    case .undefined: return 0
    case .string(let text):
      try meter.make(text.count / 16)
      return text.characterCount
    case .sequence(let sequence) where sequence.form != .iterator: return sequence.items.count
    case .dict(let dict): return dict.entries.count
    case .loop(let loop): return loop.items.items.count
    default: throw meter.fail(.operands("counting", found: value.kind))
    }
  }
}
