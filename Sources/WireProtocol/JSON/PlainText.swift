/// Finds what a JSON string has to escape.
///
/// A picture is a string of some hundred thousand plain bytes, so words are looked at, eight together and without
/// branches, which compiles to vector instructions.
enum PlainText {
  private static let blockBytes = 64
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The first place from `start` on of a quote, a backslash or a control character; the end where there is none.
  static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let memory = UnsafeRawBufferPointer(bytes)
    var place = start
    while bytes.count - place >= blockBytes {
      var marks: UInt64 = 0
      for offset in stride(from: 0, to: blockBytes, by: 8) {
        marks |= Self.marks(memory.loadUnaligned(fromByteOffset: place &+ offset, as: UInt64.self))
      }
      guard marks & (ones << 7) == 0 else { break }
      place += blockBytes
    }
    while place < bytes.count, !isSpecial(bytes[place]) { place += 1 }
    return place
  }

  /// The top bit of at least one byte, if and only if some byte is special; other bits mean nothing.
  @inline(__always)
  private static func marks(_ word: UInt64) -> UInt64 {
    // A byte below n borrows where n is subtracted, which sets its top bit; bytes from 0x80 on have it anyway, and
    // the complement takes it from them. What a borrow does to the byte above it matters no more.
    let controls = (word &- ones &* 0x20) & ~word
    let (quotes, slashes, deletes) = (word ^ ones &* 0x22, word ^ ones &* 0x5C, word ^ ones &* 0x7F)
    return controls | (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (deletes &- ones) & ~deletes
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
  }
}
