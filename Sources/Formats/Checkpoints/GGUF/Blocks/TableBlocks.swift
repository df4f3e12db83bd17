/// Blocks whose 4-bit codes stand for the values of a table.
///
///     IQ4_NL   float16 d, 16 bytes of codes: 32 values d · table[code]
///     IQ4_XS   float16 d, 2 bytes of high bits of scales, 4 of low ones, 128 of codes: 256 values in groups of 32
///     MXFP4    exponent e, 16 bytes of codes: 32 values 2^(e − 128) · table[code]
///
/// Within 32 values, byte i holds the codes of values i and i + 16.
enum TableBlocks {
  private static let nonlinear: SIMD16<Int8> = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]
  /// The values of E2M1, doubled.
  private static let e2m1: SIMD16<Int8> = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]

  static func iq4nl(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    look(up: nonlinear, block + 2, scale: block.half(0), values)
  }

  static func iq4xs(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let (d, highBits) = (block.half(0), block.short(2))
    for group in 0..<8 {
      let low = block.byte(4 &+ group / 2) &>> (group & 1 == 0 ? 0 : 4) & 15
      let high = UInt8(truncatingIfNeeded: highBits &>> UInt16(truncatingIfNeeded: 2 &* group)) & 3
      let scale = d * Float(Int32(low | high << 4) &- 32)
      look(up: nonlinear, block + 8 + 16 &* group, scale: scale, values + 32 &* group)
    }
  }

  static func mxfp4(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let e = UInt32(block.byte(0))
    // Half of 2^(e − 127), as the table is doubled; the smallest two are subnormal.
    let bits = e < 2 ? 0x0020_0000 &<< e : (e &- 1) &<< 23
    look(up: e2m1, block + 1, scale: Float(bitPattern: bits), values)
  }

  @inline(__always)
  private static func look(
    up table: SIMD16<Int8>, _ codes: UnsafeRawPointer, scale: Float, _ values: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<16 {
      let byte = codes.byte(i)
      values[i] = scale * Float(table[Int(byte & 15)])
      values[i &+ 16] = scale * Float(table[Int(byte >> 4)])
    }
  }
}
