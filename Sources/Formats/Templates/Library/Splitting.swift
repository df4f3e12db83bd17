/// Methods that cut a text into parts, which keep their authors.
struct Splitting {
  let meter: Meter

  func call(_ method: StringMethod, _ text: MarkedString, _ arguments: Arguments) throws(TemplateError)
    -> Value
  {
    var parts: [MarkedString]
    switch method {
    case .splitlines:
      let keeps = try arguments.bound(to: ["keepends"], of: method.rawValue, meter)[0]
      parts = try lines(of: text, keepingEnds: keeps?.isTrue ?? false)
    case .partition, .rpartition:
      let separator = try arguments.bound(to: ["sep"], required: 1, of: method.rawValue, meter)[0]
      parts = try partition(text, separator, last: method == .rpartition)
    default: parts = try split(method, text, arguments)
    }
    let isTuple = method == .partition || method == .rpartition
    return .sequence(try Series(parts.map(Value.string), isTuple ? .tuple : .list, meter))
  }

  private func split(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> [MarkedString] {
    let values = try arguments.bound(to: ["sep", "maxsplit"], of: method.rawValue, meter)
    guard let most = values[1].map(\.integer) ?? -1 else {
      throw meter.fail(.arguments(of: method.rawValue, "its count is a whole number"))
    }
    let limit = most < 0 ? Int.max : most
    switch values[0] {
    case nil, .some(.none): return try splitAtSpace(text, limit: limit, fromEnd: method == .rsplit)
    case .some(.string(let separator)):
      if separator.isEmpty { throw meter.fail(.value(method.rawValue, found: "an empty separator")) }
      let isBackward = method == .rsplit
      return isBackward ? try splitBackward(text, separator, limit) : try splitForward(text, separator, limit)
    case .some(let other): throw meter.fail(.operands(method.rawValue, found: other.kind))
    }
  }

  /// Charges one more part.
  private func add(_ part: MarkedString, to parts: inout [MarkedString]) throws(TemplateError) {
    try meter.make(values: 2)
    parts.append(part)
  }

  private func splitForward(
    _ text: MarkedString, _ separator: MarkedString, _ limit: Int
  ) throws(TemplateError) -> [MarkedString] {
    var parts: [MarkedString] = []
    var start = 0
    while parts.count < limit, let found = text.firstOffset(of: separator.bytes, in: start..<text.count) {
      try add(text[start..<found], to: &parts)
      start = found + separator.count
    }
    try add(text[start..<text.count], to: &parts)
    return parts
  }

  private func splitBackward(
    _ text: MarkedString, _ separator: MarkedString, _ limit: Int
  ) throws(TemplateError) -> [MarkedString] {
    let mirrored = Array(text.bytes.reversed())
    let backward = MarkedString(bytes: mirrored, byTemplate: false)
    let mirroredSeparator = Array(separator.bytes.reversed())
    var parts: [MarkedString] = []
    var start = 0
    while parts.count < limit, let found = backward.firstOffset(of: mirroredSeparator, in: start..<text.count)
    {
      try add(text[text.count - found..<text.count - start], to: &parts)
      start = found + separator.count
    }
    try add(text[0..<text.count - start], to: &parts)
    return parts.reversed()
  }

  private func splitAtSpace(
    _ text: MarkedString, limit: Int, fromEnd: Bool
  ) throws(TemplateError) -> [MarkedString] {
    var parts: [MarkedString] = []
    var rest = text.stripped(left: true, right: true, \.isPythonSpace)
    // With a limit, the last part keeps the white space at its far end.
    if limit < Int.max { rest = text.stripped(left: !fromEnd, right: fromEnd, \.isPythonSpace) }
    var (start, end) = (0, rest.count)
    while start < end {
      if parts.count == limit {
        try add(rest[start..<end], to: &parts)
        break
      }
      if fromEnd {
        let from = edge(rest, start..<end, backward: true, space: false)
        try add(rest[from..<end], to: &parts)
        end = edge(rest, start..<from, backward: true, space: true)
      } else {
        let to = edge(rest, start..<end, backward: false, space: false)
        try add(rest[start..<to], to: &parts)
        start = edge(rest, to..<end, backward: false, space: true)
      }
    }
    return fromEnd ? parts.reversed() : parts
  }

  /// Where the run of white space, or of other characters, at one end of `range` ends.
  private func edge(_ text: MarkedString, _ range: Range<Int>, backward: Bool, space: Bool) -> Int {
    var place = backward ? range.upperBound : range.lowerBound
    while backward ? place > range.lowerBound : place < range.upperBound {
      let (scalar, length) = backward ? text.scalar(before: place) : text.scalar(at: place)
      if scalar.isPythonSpace != space { break }
      place += backward ? -length : length
    }
    return place
  }

  private func partition(
    _ text: MarkedString, _ separator: Value?, last: Bool
  ) throws(TemplateError) -> [MarkedString] {
    guard let separator = separator?.string, !separator.isEmpty else {
      throw meter.fail(.arguments(of: "partition", "it takes a text that is not empty"))
    }
    let whole = 0..<text.count
    let found =
      last
      ? text.lastOffset(of: separator.bytes, in: whole) : text.firstOffset(of: separator.bytes, in: whole)
    guard let found else { return last ? [.init(), .init(), text] : [text, .init(), .init()] }
    let end = found + separator.count
    return [text[0..<found], text[found..<end], text[end..<text.count]]
  }

  func lines(of text: MarkedString, keepingEnds: Bool = false) throws(TemplateError) -> [MarkedString] {
    var lines: [MarkedString] = []
    var (start, offset) = (0, 0)
    while offset < text.count {
      let (scalar, length) = text.scalar(at: offset)
      guard scalar.isPythonLineEnd else {
        offset += length
        continue
      }
      var next = offset + length
      if scalar == "\r", next < text.count, text.bytes[next] == 0x0A { next += 1 }
      try add(text[start..<(keepingEnds ? next : offset)], to: &lines)
      (start, offset) = (next, next)
    }
    if start < text.count { try add(text[start..<text.count], to: &lines) }
    return lines
  }
}
