/// Base64 of RFC 4648 §4: the standard alphabet, padded, no line breaks, unused bits zero.
///
/// A picture is most of a `classify` line, so both directions work on a group at a time: three bytes, four
/// digits. Each of the four digits has a table of its own, in which its bits lie where the group has them, so
/// decoding a group takes four loads, three ORs and one store.
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")

  /// Marks a byte that is no digit: a bit that no group of 24 bits has.
  private static let noDigit: UInt32 = 1 << 31

  /// For digit `d` in place `p` of a group, `256 · p + d` holds its bits among the group's three bytes, the first
  /// byte lowest.
  private static let places: [UInt32] = {
    var table = [UInt32](repeating: noDigit, count: 4 * 256)
    for (value, digit) in alphabet.enumerated() {
      for place in 0..<4 {
        table[256 * place + Int(digit)] = (UInt32(value) << UInt32(26 - 6 * place)).byteSwapped
      }
    }
    return table
  }()

  /// The text of `bytes`: four digits for every three bytes begun.
  package static func encode(_ bytes: [UInt8]) -> String {
    let digits = (bytes.count + 2) / 3 * 4
    return String(unsafeUninitializedCapacity: digits) { text in
      bytes.withUnsafeBufferPointer { bytes in
        alphabet.withUnsafeBufferPointer { alphabet in
          for (group, start) in stride(from: 0, to: bytes.count, by: 3).enumerated() {
            let left = bytes.count - start
            let second = left > 1 ? bytes[start + 1] : 0
            let third = left > 2 ? bytes[start + 2] : 0
            let bits = Int(bytes[start]) << 16 | Int(second) << 8 | Int(third)
            text[4 * group] = alphabet[bits >> 18]
            text[4 * group + 1] = alphabet[bits >> 12 & 63]
            text[4 * group + 2] = left > 1 ? alphabet[bits >> 6 & 63] : padding
            text[4 * group + 3] = left > 2 ? alphabet[bits & 63] : padding
          }
        }
      }
      return digits
    }
  }

  /// The bytes of `text`, or nil when it is not base64 in its one canonical spelling.
  package static func decode(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { decode($0) }
  }

  private static func decode(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard digits.count.isMultiple(of: 4) else { return nil }
    guard let last = digits.last else { return [] }
    let missing = last != padding ? 0 : digits[digits.count - 2] != padding ? 1 : 2
    let groups = digits.count / 4
    var seen: UInt32 = 0
    var bytes = [UInt8](unsafeUninitializedCapacity: 3 * groups + 1) { bytes, count in
      places.withUnsafeBufferPointer { places in
        let whole = missing == 0 ? groups : groups - 1
        for group in 0..<whole {
          let bits = (0..<4).reduce(0) { $0 | places[256 * $1 + Int(digits[4 * group + $1])] }
          seen |= bits
          // The fourth byte is overwritten by the next group, or is the spare byte at the end.
          UnsafeMutableRawPointer(bytes.baseAddress! + 3 * group).storeBytes(of: bits, as: UInt32.self)
        }
        count = 3 * whole
      }
    }
    if missing > 0 {
      let bits = (0..<4 - missing).reduce(UInt32(0)) {
        $0 | places[256 * $1 + Int(digits[digits.count - 4 + $1])]
      }
      seen |= bits
      // The bits beyond the last byte must be zero, so that bytes have one spelling.
      guard bits >> UInt32(24 - 8 * missing) == 0 else { return nil }
      for byte in 0..<3 - missing { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(8 * byte))) }
    }
    return seen < noDigit ? bytes : nil
  }
}
