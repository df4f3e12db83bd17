/// The printable characters by which GPT-2's vocabulary files write bytes.
///
/// Printable Latin-1 stands for itself; the other bytes, in order, are U+0100 and following.
package enum ByteLevelAlphabet {
  /// Of each byte, its character.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt8.min...UInt8.max).map { byte in
      let printsItself = (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || byte >= 0xae
      if printsItself { return UInt32(byte) }
      next += 1
      return next - 1
    }
  }()

  /// Of each scalar below U+0144, its byte; −1 where it is not in the alphabet.
  private static let bytesByScalar: [Int16] = {
    var table = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar)] = Int16(truncatingIfNeeded: byte) }
    return table
  }()

  /// The bytes that `piece` writes, or nil where it has a character outside the alphabet.
  package static func bytes(of piece: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(piece.count)
    for scalar in String(decoding: piece, as: UTF8.self).unicodeScalars {
      guard scalar.value < bytesByScalar.count, bytesByScalar[Int(scalar.value)] >= 0 else { return nil }
      bytes.append(UInt8(truncatingIfNeeded: bytesByScalar[Int(scalar.value)]))
    }
    return bytes
  }
}
