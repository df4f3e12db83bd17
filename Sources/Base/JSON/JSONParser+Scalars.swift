extension JSONParser {
  /// The string whose opening quote is at the cursor.
  mutating func string() throws(JSONSyntaxError) -> String {
    position += 1
    let start = position
    while true {
      position = bytes.withUnsafeBufferPointer { [position] in PlainText.end(in: $0, from: position) }
      guard position < bytes.count else { throw error(.expected("the closing '\"' of a string")) }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let text = try validated(bytes[start..<position])
        position += 1
        return text
      case UInt8(ascii: "\\"): return try escapedString(from: start)
      case 0x7F: position += 1  // a control character that JSON allows
      default: throw error(.controlCharacter)
      }
    }
  }

  /// Continues a string that began at `start` and has its first backslash at the cursor.
  private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
    var text = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try validated(text[...])
      case UInt8(ascii: "\\"): try appendEscape(to: &text)
      case 0..<0x20: throw error(.controlCharacter)
      default: text.append(byte)
      }
    }
    throw error(.expected("the closing '\"' of a string"))
  }

  private func validated(_ slice: ArraySlice<UInt8>) throws(JSONSyntaxError) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else { throw error(.notUTF8) }
    return text
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws(JSONSyntaxError) {
    let byte = current
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: Array(String(try escapedScalar()).utf8))
    default: throw error(.badEscape)
    }
  }

  /// The scalar of `\uXXXX`, or of a surrogate pair; half a pair is an error, as it has no UTF-8 form.
  private mutating func escapedScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
    let first = try hexadecimal4()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
      throw error(.loneSurrogate)
    }
    let second = try hexadecimal4()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error(.loneSurrogate) }
    return scalar
  }

  private mutating func hexadecimal4() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(current)).hexDigitValue else { throw error(.badEscape) }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }

  /// The number at the cursor; exact when whole and within 64 bits, refused when it overflows to infinity.
  mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    var whole = true
    if take(UInt8(ascii: ".")) {
      whole = false
      try digits()
    }
    if current | 0x20 == UInt8(ascii: "e") {
      whole = false
      position += 1
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    guard position - start <= JSONLimits.numberBytes else { throw error(.numberRange) }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if whole, let value = Int(text) { return .integer(value) }
    if whole, let value = UInt64(text) { return .unsigned(value) }
    guard let value = Double(text), value.isFinite else { throw error(.numberRange) }
    return .number(value)
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = position
    while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(current) { position += 1 }
    if position == start { throw error(.expected("a digit")) }
  }
}
