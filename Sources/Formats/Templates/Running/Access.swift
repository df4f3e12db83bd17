/// Members, items and slices of values.
struct Access {
  let meter: Meter

  /// `object.name`: a method first, then an item of that name.
  func attribute(_ name: MarkedString, of object: Value) throws(TemplateError) -> Value {
    switch object {
    case .dict(let dict):
      if let method = try method(name, of: object) { return method }
      return dict[name] ?? missing(name, object)
    case .undefined(let what): throw meter.fail(.undefined(what))
    default: return try member(name, of: object) ?? missing(name, object)
    }
  }

  /// `object[index]`: an item first, then a member of that name. What is not there is undefined.
  func item(_ index: Value, of object: Value) throws(TemplateError) -> Value {
    switch object {
    case .undefined(let what): throw meter.fail(.undefined(what))
    case .dict(let dict):
      if let key = MappingKey.simple(index), let value = dict[key] { return value }
    case .sequence(let sequence):
      if let place = index.integer, let value = element(place, of: sequence) { return value }
    case .string(let text):
      if let place = index.integer { return try character(place, of: text) ?? missing(index, object) }
    default: break
    }
    guard case .string(let name) = index else { return missing(index, object) }
    return try member(name, of: object) ?? missing(name, object)
  }

  private func missing(_ name: MarkedString, _ object: Value) -> Value {
    .undefined("'\(name.text.prefix(64))' of \(object.kind)")
  }

  private func missing(_ index: Value, _ object: Value) -> Value {
    .undefined(index.integer.map { "item \($0) of \(object.kind)" } ?? "an item of \(object.kind)")
  }

  private func element(_ place: Int, of sequence: Series) -> Value? {
    switch sequence.form {
    case .list, .tuple, .range:
      let index = place < 0 ? place + sequence.items.count : place
      return sequence.items.indices.contains(index) ? sequence.items[index] : nil
    default: return nil
    }
  }

  private func character(_ place: Int, of text: MarkedString) throws(TemplateError) -> Value? {
    try meter.make(text.count / 16 + 1)
    if text.isASCII {
      let index = place < 0 ? place + text.count : place
      return text.bytes.indices.contains(index) ? .string(text[index..<index + 1]) : nil
    }
    try meter.make(text.count)
    let offsets = text.characterOffsets
    let index = place < 0 ? place + offsets.count - 1 : place
    guard index >= 0, index + 1 < offsets.count else { return nil }
    return .string(text[offsets[index]..<offsets[index + 1]])
  }

  // MARK: Members

  /// What a value of Python has by that name, entries of dictionaries aside.
  private func member(_ name: MarkedString, of object: Value) throws(TemplateError) -> Value? {
    switch object {
    case .namespace(let namespace): return namespace.get(name)
    case .loop(let loop): return loop.member(name.text)
    case .macro(let macro): return name.text == "name" ? .template(macro.definition.name) : nil
    default: return try method(name, of: object)
    }
  }

  private func method(_ name: MarkedString, of object: Value) throws(TemplateError) -> Value? {
    guard name.count <= 16, let table = Methods.table(for: object) else { return nil }
    let name = name.text
    if table.known.contains(name) { return .method(Method(object, name)) }
    if table.changing.contains(name) {
      return .undefined("'\(name)', which would change a \(object.kind),")
    }
    guard table.others.contains(name) else { return nil }
    throw .unsupported(line: meter.line, kind: .method, name: name)
  }

  // MARK: Slices

  /// `object[start:stop:step]`, as Python has it.
  func slice(_ object: Value, _ start: Int?, _ stop: Int?, _ step: Int?) throws(TemplateError) -> Value {
    let step = step ?? 1
    guard step != 0 else { throw meter.fail(.value("a slice", found: "a step of 0")) }
    switch object {
    case .undefined(let what): throw meter.fail(.undefined(what))
    case .string(let text):
      try meter.make(16 * text.count)
      return .string(slice(text, start, stop, step))
    case .sequence(let sequence) where [.list, .tuple, .range].contains(sequence.form):
      try meter.make(values: 2 * sequence.items.count)
      let places = places(sequence.items.count, start, stop, step)
      return .sequence(try Series(places.map { sequence.items[$0] }, sequence.form, meter))
    default: throw meter.fail(.operands("a slice", found: object.kind))
    }
  }

  private func slice(_ text: MarkedString, _ start: Int?, _ stop: Int?, _ step: Int) -> MarkedString {
    let isASCII = text.isASCII
    let offsets = isASCII ? [] : text.characterOffsets
    let count = isASCII ? text.count : offsets.count - 1
    let places = places(count, start, stop, step)
    func offset(_ place: Int) -> Int { isASCII ? place : offsets[place] }
    if step == 1 {
      guard let first = places.first, let last = places.last else { return MarkedString() }
      return text[offset(first)..<offset(last + 1)]
    }
    var result = MarkedString()
    for place in places { result.append(text, offset(place)..<offset(place + 1)) }
    return result
  }

  /// The places that a slice of `count` values takes.
  private func places(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> [Int] {
    /// A bound within what a slice of that direction can reach; negative ones count from the end.
    func bound(_ value: Int, _ least: Int, _ most: Int) -> Int {
      value < 0 ? max(least, value + count) : min(most, value)
    }
    // A step beyond the length takes one value, as the length does; the shorter one cannot overflow.
    let step = max(-count - 1, min(count + 1, step))
    let (least, most) = step > 0 ? (0, count) : (-1, count - 1)
    let first = start.map { bound($0, least, most) } ?? (step > 0 ? 0 : count - 1)
    let end = stop.map { bound($0, least, most) } ?? (step > 0 ? count : -1)
    return Array(Swift.stride(from: first, to: end, by: step))
  }
}

extension LoopState {
  /// What `loop` tells.
  func member(_ name: String) -> Value? {
    let count = items.items.count
    switch name {
    case "index": return .int(index + 1)
    case "index0": return .int(index)
    case "revindex": return .int(count - index)
    case "revindex0": return .int(count - index - 1)
    case "first": return .bool(index == 0)
    case "last": return .bool(index == count - 1)
    case "length": return .int(count)
    // Loops count only their own recursion, which there is none of.
    case "depth": return .int(1)
    case "depth0": return .int(0)
    case "previtem": return index > 0 ? items.items[index - 1] : .undefined("there is no previous item")
    case "nextitem": return index + 1 < count ? items.items[index + 1] : .undefined("there is no next item")
    case "cycle", "changed": return .method(Method(.loop(self), name))
    default: return nil
    }
  }
}
