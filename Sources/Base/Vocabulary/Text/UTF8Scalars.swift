/// Whether a byte continues a character.
@inlinable
package func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

/// The scalar that begins at `index` and its bytes; a byte that begins none is U+FFFD, one byte long.
///
/// Text that comes from strings is valid, but it may have been cut within a character, so nothing is assumed.
@inlinable
package func decodeScalar(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (value: UInt32, length: Int)
{
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

/// The scalar that ends at `end`, which is not 0, and its bytes; U+FFFD, one byte long, where none ends.
@inlinable
package func decodeScalar(_ bytes: UnsafeBufferPointer<UInt8>, before end: Int) -> (
  value: UInt32, length: Int
) {
  var start = end - 1
  while start > 0, end - start < 4, isContinuation(bytes[start]) { start -= 1 }
  let (value, length) = decodeScalar(UnsafeBufferPointer(rebasing: bytes[..<end]), at: start)
  return length == end - start ? (value, length) : (0xfffd, 1)
}

/// Appends `value`, a scalar, as UTF-8; U+FFFD for what is none.
@inlinable
package func appendScalar(_ value: UInt32, to bytes: inout [UInt8]) {
  if value < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
  let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
  bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
}
