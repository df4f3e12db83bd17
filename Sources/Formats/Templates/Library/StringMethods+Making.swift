/// Methods that put a new text together.
extension StringMethods {
  func replaced(_ text: MarkedString, _ arguments: Arguments) throws(TemplateError) -> MarkedString {
    let values = try arguments.bound(to: ["old", "new", "count"], required: 2, of: "replace", meter)
    guard let old = values[0]?.string, let new = values[1]?.string else {
      throw meter.fail(.arguments(of: "replace", "it takes two texts"))
    }
    guard let count = values[2].map(\.integer) ?? -1 else {
      throw meter.fail(.arguments(of: "replace", "its count is a whole number"))
    }
    return try replaced(text, old, new, count: count)
  }

  /// `text` with `new` in the place of `old`, at most `count` times if that is not negative.
  func replaced(
    _ text: MarkedString, _ old: MarkedString, _ new: MarkedString, count: Int
  ) throws(TemplateError) -> MarkedString {
    var places: [Int] = []
    var offset = 0
    try meter.make(8 * text.count)
    while count < 0 || places.count < count, offset <= text.count,
      let found = text.firstOffset(of: old.bytes, in: offset..<text.count)
    {
      places.append(found)
      offset = found + old.count
      if old.isEmpty { offset += found < text.count ? text.scalar(at: found).length : 1 }
    }
    try meter.make(new.count + 8, times: places.count)
    try meter.make(text.count)
    var result = MarkedString()
    offset = 0
    for place in places {
      result.append(text, offset..<place)
      result.append(new)
      offset = place + old.count
    }
    result.append(text, offset..<text.count)
    return result
  }

  /// The values with `separator` between them. The method takes texts alone, the filter prints others.
  func joined(
    _ values: [Value], separator: MarkedString, strict: Bool
  ) throws(TemplateError) -> MarkedString {
    var result = MarkedString()
    for (index, value) in values.enumerated() {
      guard !strict || value.string != nil else { throw meter.fail(.operands("join", found: value.kind)) }
      let text = try Printing(meter: meter).text(value)
      try meter.make(text.count + separator.count)
      if index > 0 { result.append(separator) }
      result.append(text)
    }
    return result
  }

  func padded(
    _ method: StringMethod, _ text: MarkedString, _ arguments: Arguments
  ) throws(TemplateError) -> MarkedString {
    let parameters = method == .zfill ? ["width"] : ["width", "fillchar"]
    let values = try arguments.bound(to: parameters, required: 1, of: method.rawValue, meter)
    guard let width = values[0]?.integer else {
      throw meter.fail(.operands(method.rawValue, found: values[0]?.kind ?? "nothing"))
    }
    var fill = MarkedString(message: method == .zfill ? "0" : " ")
    if values.count > 1, let value = values[1] {
      guard let text = value.string, text.characterCount == 1 else {
        throw meter.fail(.arguments(of: method.rawValue, "it fills with one character"))
      }
      fill = text
    }
    let missing = max(0, width.subtractingReportingOverflow(text.characterCount).partialValue)
    if width <= text.characterCount { return text }
    var left = 0
    switch method {
    case .rjust, .zfill: left = missing
    case .center: left = missing / 2 + (missing & width & 1)
    default: break
    }
    let sign = method == .zfill && (text.matches([0x2B], at: 0) || text.matches([0x2D], at: 0)) ? 1 : 0
    return try padded(text, fill, left: left, right: missing - left, behind: sign)
  }

  /// With `fill` so many times at the left, behind the first `sign` bytes, and at the right.
  func padded(
    _ text: MarkedString, _ fill: MarkedString, left: Int, right: Int, behind sign: Int = 0
  ) throws(TemplateError) -> MarkedString {
    try meter.make(fill.count + 8, times: left)
    try meter.make(fill.count + 8, times: right)
    try meter.make(text.count)
    var result = MarkedString()
    result.append(text, 0..<sign)
    for _ in 0..<left { result.append(fill) }
    result.append(text, sign..<text.count)
    for _ in 0..<right { result.append(fill) }
    return result
  }
}
