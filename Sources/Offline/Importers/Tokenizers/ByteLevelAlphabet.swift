/// The printable characters by which GPT-2's vocabulary files write bytes.
///
/// Printable Latin-1 stands for itself; the other bytes, in order, are U+0100 and following.
enum ByteLevelAlphabet {
  private static let bytesByScalar: [UInt32: UInt8] = {
    var table: [UInt32: UInt8] = [:]
    var next: UInt32 = 0x100
    for byte in UInt8.min...UInt8.max {
      let printsItself = (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || byte >= 0xae
      table[printsItself ? UInt32(byte) : next] = byte
      if !printsItself { next += 1 }
    }
    return table
  }()

  /// The bytes that `piece` writes, or nil where it has a character outside the alphabet.
  static func bytes(of piece: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in String(decoding: piece, as: UTF8.self).unicodeScalars {
      guard let byte = bytesByScalar[scalar.value] else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
