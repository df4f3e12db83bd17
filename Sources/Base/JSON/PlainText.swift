/// Finds what a JSON string has to escape.
enum PlainText {
  private static let blockBytes = 64

  /// The first place from `start` on of a quote, a backslash or a control character; the end where there is none.
  ///
  /// A picture is a string of some hundred thousand plain bytes, so blocks are looked at without a branch for each
  /// byte, which compiles to vector instructions.
  static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var place = start
    while bytes.count - place >= blockBytes {
      var least = UInt8.max
      for offset in 0..<blockBytes { least = min(least, zeroIfSpecial(bytes[place &+ offset])) }
      guard least > 0 else { break }
      place += blockBytes
    }
    while place < bytes.count, zeroIfSpecial(bytes[place]) > 0 { place += 1 }
    return place
  }

  /// A minimum instead of conditions, which would become branches. Bytes below 0x20 have none of the bits 0xE0.
  @inline(__always)
  private static func zeroIfSpecial(_ byte: UInt8) -> UInt8 {
    let (quote, backslash, delete) = (byte ^ 0x22, byte ^ 0x5C, byte ^ 0x7F)
    return min(min(quote, backslash), min(delete, byte & 0xE0))
  }
}
