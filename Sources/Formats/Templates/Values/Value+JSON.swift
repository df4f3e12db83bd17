import JSON

extension Value {
  /// A request's value: all of its texts are the message's, names of members included.
  init(message value: JSONValue, _ meter: Meter) throws(TemplateError) {
    try meter.step()
    switch value {
    case .null: self = .none
    case .bool(let flag): self = .bool(flag)
    case .integer(let number): self = .int(number)
    case .unsigned: throw meter.fail(.overflow)
    case .number(let number): self = .float(number)
    case .string(let text):
      try meter.make(text.utf8.count)
      self = .string(MarkedString(message: text))
    case .array(let elements):
      try meter.make(values: elements.count)
      var items: [Value] = []
      items.reserveCapacity(elements.count)
      for element in elements { items.append(try Value(message: element, meter)) }
      self = .sequence(try Series(items, meter))
    case .object(let object):
      var builder = MappingBuilder()
      for member in object.members {
        try meter.make(member.name.utf8.count)
        let name = Value.string(MarkedString(message: member.name))
        try builder.set(name, try Value(message: member.value, meter), meter)
      }
      self = .dict(try builder.finish(meter))
    }
  }
}
