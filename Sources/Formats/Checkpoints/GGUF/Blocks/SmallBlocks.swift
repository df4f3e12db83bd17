/// Blocks of 32 values with one scale d, and a minimum m in the types that end in 1; both float16.
///
///     Q4_0   d, 16 bytes of codes              d · (code − 8)
///     Q4_1   d, m, 16 bytes of codes           d · code + m
///     Q5_0   d, 4 bytes of fifth bits, codes   d · (code − 16)
///     Q5_1   d, m, fifth bits, codes           d · code + m
///     Q8_0   d, 32 signed codes                d · code
///
/// Byte i holds the code of value i in its low half and that of value i + 16 in its high half. Each product and sum is
/// rounded to float32, as the Python package `gguf` does it; no multiply-add is fused.
enum SmallBlocks {
  static func q4(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    for i in 0..<16 {
      let codes = block.byte(2 &+ i)
      values[i] = d * Float(Int32(codes & 15) &- 8)
      values[i &+ 16] = d * Float(Int32(codes >> 4) &- 8)
    }
  }

  static func q4WithMinimum(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let (d, m) = (block.half(0), block.half(2))
    for i in 0..<16 {
      let codes = block.byte(4 &+ i)
      values[i] = d * Float(codes & 15) + m
      values[i &+ 16] = d * Float(codes >> 4) + m
    }
  }

  static func q5(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let (d, fifth) = (block.half(0), block.word(2))
    for i in 0..<16 {
      let (low, high) = fiveBits(block.byte(6 &+ i), fifth, i)
      values[i] = d * Float(Int32(low) &- 16)
      values[i &+ 16] = d * Float(Int32(high) &- 16)
    }
  }

  static func q5WithMinimum(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let (d, m, fifth) = (block.half(0), block.half(2), block.word(4))
    for i in 0..<16 {
      let (low, high) = fiveBits(block.byte(8 &+ i), fifth, i)
      values[i] = d * Float(low) + m
      values[i &+ 16] = d * Float(high) + m
    }
  }

  static func q8(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let d = block.half(0)
    for i in 0..<32 { values[i] = d * Float(Int8(bitPattern: block.byte(2 &+ i))) }
  }

  /// The codes of values i and i + 16, whose fifth bits are those bits of `fifth`.
  @inline(__always)
  private static func fiveBits(_ codes: UInt8, _ fifth: UInt32, _ i: Int) -> (UInt8, UInt8) {
    let shift = UInt32(truncatingIfNeeded: i)
    let low = UInt8(truncatingIfNeeded: fifth &>> shift) & 1
    let high = UInt8(truncatingIfNeeded: fifth &>> (shift &+ 16)) & 1
    return (codes & 15 | low << 4, codes >> 4 | high << 4)
  }
}
