/// `str` and `repr` of values, as Python has them.
///
/// A text stays its authors'; what is made of anything else counts as a message's, because a number or a list may come from one.
struct Printing {
  let meter: Meter

  /// What `{{ value }}` writes.
  func text(_ value: Value) throws(TemplateError) -> MarkedString {
    switch value {
    case .string(let text): return text
    case .undefined: return MarkedString()
    default:
      var result = MarkedString()
      try write(value, into: &result)
      return result
    }
  }

  func representation(_ value: Value) throws(TemplateError) -> MarkedString {
    var result = MarkedString()
    try write(value, into: &result)
    return result
  }

  private func write(_ value: Value, into result: inout MarkedString) throws(TemplateError) {
    try meter.step()
    try meter.make(8)
    switch value {
    case .undefined: result.append(made: "Undefined")
    case .none: result.append(made: "None")
    case .bool(let flag): result.append(made: flag ? "True" : "False")
    case .int(let number): result.append(made: String(number))
    case .float(let number): result.append(made: PythonNumber.text(number))
    case .string(let text): try write(quoted: text, into: &result)
    case .sequence(let sequence): try write(sequence, into: &result)
    case .dict(let dict): try write(dict, into: &result)
    case .namespace, .loop, .macro, .method, .function:
      throw meter.fail(.operands("printing", found: value.kind))
    }
  }

  private func write(_ sequence: Series, into result: inout MarkedString) throws(TemplateError) {
    let items = sequence.items
    switch sequence.form {
    case .iterator: throw meter.fail(.operands("printing", found: "a generator; make it a list first"))
    case .range: return try writeRange(items, into: &result)
    case .list: result.append(made: "[")
    case .tuple: result.append(made: "(")
    case .keys, .values, .pairs: result.append(made: "\(sequence.form.rawValue)([")
    }
    for (index, item) in items.enumerated() {
      if index > 0 { result.append(made: ", ") }
      try write(item, into: &result)
    }
    switch sequence.form {
    case .tuple: result.append(made: items.count == 1 ? ",)" : ")")
    case .list: result.append(made: "]")
    default: result.append(made: "])")
    }
  }

  private func writeRange(_ items: [Value], into result: inout MarkedString) throws(TemplateError) {
    // Where a range began and ended is not kept, only its numbers.
    throw meter.fail(.operands("printing", found: "a range; make it a list first"))
  }

  private func write(_ dict: Mapping, into result: inout MarkedString) throws(TemplateError) {
    result.append(made: "{")
    for (index, entry) in dict.entries.enumerated() {
      if index > 0 { result.append(made: ", ") }
      try write(entry.key, into: &result)
      result.append(made: ": ")
      try write(entry.value, into: &result)
    }
    result.append(made: "}")
  }

  private func write(quoted text: MarkedString, into result: inout MarkedString) throws(TemplateError) {
    try meter.make(text.count)
    let quote: UInt8 = text.bytes.contains(0x27) && !text.bytes.contains(0x22) ? 0x22 : 0x27
    result.append(made: quote)
    var offset = 0
    while offset < text.count {
      let (scalar, length) = text.scalar(at: offset)
      if let escape = escape(scalar, quote: quote) {
        result.append(made: escape)
      } else {
        result.append(text, offset..<offset + length)
      }
      offset += length
    }
    result.append(made: quote)
  }

  private func escape(_ scalar: Unicode.Scalar, quote: UInt8) -> String? {
    switch scalar {
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case _ where scalar.value == UInt32(quote): return "\\\(scalar)"
    default: break
    }
    if scalar.isPythonPrintable { return nil }
    let digits = String(scalar.value, radix: 16)
    let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\\(letter)\(String(repeating: "0", count: width - digits.count))\(digits)"
  }
}

extension Unicode.Scalar {
  /// Whether `repr` writes the character as it is.
  var isPythonPrintable: Bool {
    if isASCII { return value >= 0x20 && value < 0x7F }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      return false
    default: return true
    }
  }
}
