/// A pull reader for the JSON of a safetensors header.
///
/// It builds no tree: the caller asks for what may come next, so memory is bounded by what the caller keeps,
/// nesting cannot exceed what the caller descends into, and repeated keys stay visible. All reads are
/// bounds-checked.
struct HeaderReader {
  typealias Problem = CheckpointError.Problem

  let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    position += 1
    return true
  }

  private func expected(_ what: String) -> Problem { .syntax(offset: position, expected: what) }

  mutating func open(_ bracket: Character) throws(Problem) {
    guard let byte = bracket.asciiValue, take(byte) else { throw expected("'\(bracket)'") }
  }

  /// Moves to the next element of an array or object; false at its closing bracket, which is consumed.
  mutating func more(isFirst: inout Bool, closing bracket: Character) throws(Problem) -> Bool {
    if let byte = bracket.asciiValue, take(byte) { return false }
    if !isFirst, !take(UInt8(ascii: ",")) { throw expected("',' or '\(bracket)'") }
    isFirst = false
    return true
  }

  /// The next key of an object, past its colon; nil at the end of the object.
  mutating func key(isFirst: inout Bool) throws(Problem) -> String? {
    guard try more(isFirst: &isFirst, closing: "}") else { return nil }
    let key = try string()
    guard take(UInt8(ascii: ":")) else { throw expected("':'") }
    return key
  }

  /// Throws if anything but white space follows the value; writers pad the header with white space.
  mutating func end() throws(Problem) {
    skipSpace()
    guard next == nil else { throw expected("the end of the header") }
  }

  /// An integer in 0...Int.max without fraction, exponent or leading zeros.
  mutating func integer() throws(Problem) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = shifted.addingReportingOverflow(Int(byte - 0x30))
      if overflow || carry || (position > start && value == 0) { break }
      value = sum
      position += 1
    }
    let isFollowed = next.map { (0x30...0x39).contains($0) || $0 == 0x2E || $0 | 0x20 == 0x65 } ?? false
    guard position > start, !isFollowed else {
      position = start
      throw expected("an integer from 0 to \(Int.max)")
    }
    return value
  }

  /// A string; invalid UTF-8, bare control characters and lone surrogates are refused.
  mutating func string() throws(Problem) -> String {
    guard take(UInt8(ascii: "\"")) else { throw expected("a string") }
    let start = position
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw expected("an escaped control character") }
      position += 1
      if byte == UInt8(ascii: "\\") { try escape(into: &text) } else { text.append(byte) }
    }
    guard next != nil else { throw expected("a closing '\"'") }
    position += 1
    guard let string = String(validating: text, as: UTF8.self) else {
      throw .syntax(offset: start, expected: "valid UTF-8")
    }
    return string
  }

  private mutating func escape(into text: inout [UInt8]) throws(Problem) {
    guard let byte = next else { throw expected("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += try Array(String(unicode()).utf8)
    default: throw expected("an escape that JSON defines")
    }
  }

  /// The scalar after `\u`: four digits, or two such escapes that form a surrogate pair.
  private mutating func unicode() throws(Problem) -> Unicode.Scalar {
    let first = try fourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, next == UInt8(ascii: "\\") else {
      throw expected("the other half of a surrogate pair")
    }
    position += 1
    guard next == UInt8(ascii: "u") else { throw expected("the other half of a surrogate pair") }
    position += 1
    let second = try fourDigits()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw expected("the other half of a surrogate pair") }
    return scalar
  }

  private mutating func fourDigits() throws(Problem) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw expected("a hexadecimal digit")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
