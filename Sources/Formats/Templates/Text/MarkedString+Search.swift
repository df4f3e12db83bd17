import Vocabulary

/// Places in a text. Offsets are in bytes unless they are said to be in characters, which are Unicode scalars as in Python.
extension MarkedString {
  /// Whether every character is one byte.
  var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

  /// The number of characters.
  var characterCount: Int {
    var count = 0
    for byte in bytes where !isContinuation(byte) { count += 1 }
    return count
  }

  /// Where each character begins, and the end of the text.
  var characterOffsets: [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(bytes.count + 1)
    for (offset, byte) in bytes.enumerated() where !isContinuation(byte) { offsets.append(offset) }
    offsets.append(bytes.count)
    return offsets
  }

  /// The character that begins at `offset`, and its length.
  func scalar(at offset: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let (value, length) = bytes.withUnsafeBufferPointer { decodeScalar($0, at: offset) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
  }

  /// The character that ends at `end`, and its length.
  func scalar(before end: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let (value, length) = bytes.withUnsafeBufferPointer { decodeScalar($0, before: end) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
  }

  /// Where `part` begins first within `range`.
  func firstOffset(of part: [UInt8], in range: Range<Int>) -> Int? {
    guard !part.isEmpty else { return range.lowerBound }
    return bytes.withUnsafeBufferPointer { bytes in
      part.withUnsafeBufferPointer { part in
        ByteSearch.first(part, in: UnsafeBufferPointer(rebasing: bytes[range])).map { $0 + range.lowerBound }
      }
    }
  }

  /// Where `part` begins last within `range`.
  func lastOffset(of part: [UInt8], in range: Range<Int>) -> Int? {
    guard !part.isEmpty else { return range.upperBound }
    // Looked for from the end, so both are read backwards.
    let (reversedPart, reversedText) = (Array(part.reversed()), Array(bytes[range].reversed()))
    let found = reversedText.withUnsafeBufferPointer { text in
      reversedPart.withUnsafeBufferPointer { ByteSearch.first($0, in: text) }
    }
    return found.map { range.upperBound - $0 - part.count }
  }

  /// Whether `part` stands at `offset`.
  func matches(_ part: [UInt8], at offset: Int) -> Bool {
    guard offset >= 0, part.count <= bytes.count - offset else { return false }
    for index in part.indices where bytes[offset + index] != part[index] { return false }
    return true
  }

  /// The part without the characters that `drops` names at its ends.
  func stripped(left: Bool, right: Bool, _ drops: (Unicode.Scalar) -> Bool) -> MarkedString {
    var (start, end) = (0, bytes.count)
    while left, start < end {
      let (scalar, length) = scalar(at: start)
      guard drops(scalar) else { break }
      start += length
    }
    while right, end > start {
      let (scalar, length) = scalar(before: end)
      guard drops(scalar) else { break }
      end -= length
    }
    return self[start..<end]
  }

  /// Replaces each character by what `body` makes of it, which keeps the character's author.
  func mapScalars(_ body: (Unicode.Scalar, Int) -> String) -> MarkedString {
    var result = MarkedString()
    result.reserve(bytes.count)
    var offset = 0
    while offset < bytes.count {
      let (scalar, length) = scalar(at: offset)
      result.append(body(scalar, offset).utf8, byTemplate: isTemplate(offset))
      offset += length
    }
    return result
  }
}

extension Unicode.Scalar {
  /// What Python's `str.isspace` calls white space.
  var isPythonSpace: Bool {
    switch value {
    case 0x20, 0x09...0x0D, 0x1C...0x1F, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      true
    default: false
    }
  }

  /// What ends a line in Python's `str.splitlines`.
  var isPythonLineEnd: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}
