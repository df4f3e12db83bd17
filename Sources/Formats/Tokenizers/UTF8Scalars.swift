func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

/// The scalar that begins at `index` and its bytes; a byte that begins none is U+FFFD, one byte long.
///
/// Text comes from strings and is valid, but it may have been cut next to a special token, so nothing is
/// assumed.
func decodeScalar(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (value: UInt32, length: Int) {
  let first = bytes[index]
  guard first >= 0x80 else { return (UInt32(first), 1) }
  let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  guard first >= 0xc2, first < 0xf5, bytes.count - index >= length else { return (0xfffd, 1) }
  var value = UInt32(first) & (0x7f >> UInt32(length))
  for offset in 1..<length {
    guard isContinuation(bytes[index + offset]) else { return (0xfffd, 1) }
    value = value << 6 | UInt32(bytes[index + offset] & 0x3f)
  }
  return (value, length)
}

/// How many bytes at the end of `bytes` begin a scalar that following bytes could complete: 0 to 3.
///
/// Everything before them decodes to the same text whatever follows, because an ill-formed sequence is
/// replaced as soon as no continuation can make it well-formed (Unicode 16, 3.9, "maximal subpart").
func incompleteSuffix(of bytes: some BidirectionalCollection<UInt8>) -> Int {
  var tail: [UInt8] = []
  for byte in bytes.reversed().prefix(3) {
    tail.insert(byte, at: 0)
    if isContinuation(byte) { continue }
    let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
    guard byte < 0xf5, tail.count < length, tail.count < 2 || secondRange(after: byte).contains(tail[1])
    else { return 0 }
    return tail.count
  }
  return 0
}

/// The second bytes that can follow `first`: no overlong forms, no surrogates, nothing past U+10FFFF.
private func secondRange(after first: UInt8) -> ClosedRange<UInt8> {
  switch first {
  case 0xe0: 0xa0...0xbf
  case 0xed: 0x80...0x9f
  case 0xf0: 0x90...0xbf
  case 0xf4: 0x80...0x8f
  default: 0x80...0xbf
  }
}

/// The scalar that ends at `end`, which is not 0, and its bytes; U+FFFD, one byte long, where none ends.
func decodeScalar(_ bytes: UnsafeBufferPointer<UInt8>, before end: Int) -> (value: UInt32, length: Int) {
  var start = end - 1
  while start > 0, end - start < 4, isContinuation(bytes[start]) { start -= 1 }
  let (value, length) = decodeScalar(UnsafeBufferPointer(rebasing: bytes[..<end]), at: start)
  return length == end - start ? (value, length) : (0xfffd, 1)
}

/// Appends `value`, a scalar, as UTF-8; U+FFFD for what is none.
func appendScalar(_ value: UInt32, to bytes: inout [UInt8]) {
  if value < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
  let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
  bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
}
