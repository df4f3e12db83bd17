/// Methods that look for one text in another.
extension StringMethods {
  /// The bytes from `start` to `end`, which are counted in characters; nil where the start is behind the text.
  private func window(
    _ text: MarkedString, _ start: Value?, _ end: Value?, of method: StringMethod
  ) throws(TemplateError) -> (range: Range<Int>, offsets: [Int])? {
    try meter.make(8 * text.count)
    let offsets = text.characterOffsets
    let count = offsets.count - 1
    func place(_ value: Value?, _ usual: Int) throws(TemplateError) -> Int {
      guard let value else { return usual }
      if case .none = value { return usual }
      guard let number = value.integer else {
        throw meter.fail(.operands(method.rawValue, found: value.kind))
      }
      return number < 0 ? max(0, number + count) : number
    }
    let (first, last) = (try place(start, 0), min(try place(end, count), count))
    guard first <= count, first <= last else { return nil }
    return (offsets[first]..<offsets[last], offsets)
  }

  func search(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> Int {
    let values = try arguments.bound(to: ["sub", "start", "end"], required: 1, of: method.rawValue, meter)
    guard let part = values[0]?.string else {
      throw meter.fail(.operands(method.rawValue, found: values[0]?.kind ?? "nothing"))
    }
    let window = try window(text, values[1], values[2], of: method)
    if method == .count { return window.map { count(part, in: text, $0.range) } ?? 0 }
    let isFirst = method == .find || method == .index
    let found = window.flatMap {
      isFirst ? text.firstOffset(of: part.bytes, in: $0.range) : text.lastOffset(of: part.bytes, in: $0.range)
    }
    guard let found else {
      if method == .find || method == .rfind { return -1 }
      throw meter.fail(.value(method.rawValue, found: "a text that is not in the other"))
    }
    return text[0..<found].characterCount
  }

  private func count(_ part: MarkedString, in text: MarkedString, _ range: Range<Int>) -> Int {
    if part.isEmpty { return text[range].characterCount + 1 }
    var (count, offset) = (0, range.lowerBound)
    while let found = text.firstOffset(of: part.bytes, in: offset..<range.upperBound) {
      count += 1
      offset = found + part.count
    }
    return count
  }

  func hasEnd(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> Bool {
    let values = try arguments.bound(to: ["part", "start", "end"], required: 1, of: method.rawValue, meter)
    var parts = [values[0] ?? .none]
    if case .sequence(let sequence) = parts[0], sequence.form == .tuple { parts = sequence.items }
    var texts: [MarkedString] = []
    for part in parts {
      guard let text = part.string else { throw meter.fail(.operands(method.rawValue, found: part.kind)) }
      texts.append(text)
    }
    guard
      let range = values[1] == nil
        ? 0..<text.count : try window(text, values[1], values[2], of: method)?.range
    else {
      return false
    }
    for part in texts where part.count <= range.count {
      let offset = method == .startswith ? range.lowerBound : range.upperBound - part.count
      if text.matches(part.bytes, at: offset) { return true }
    }
    return false
  }
}
