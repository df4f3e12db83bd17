/// Blocks of 256 values in groups with small scales of their own, under one float16 scale d (and one for minima, dmin).
///
///     Q2_K   16 bytes of scales and minima (4 bits each, groups of 16), 64 of codes, d, dmin
///     Q3_K   32 bytes of third bits, 64 of codes, 12 of scales (6 bits, groups of 16), d
///     Q4_K   d, dmin, 12 bytes of scales and minima (6 bits each, groups of 32), 128 of codes
///     Q5_K   d, dmin, 12 bytes of scales and minima, 32 of fifth bits, 128 of codes
///     Q6_K   128 bytes of low halves, 64 of high bits, 16 signed scales (groups of 16), d
///
/// A group's scale d · scale and its minimum dmin · minimum are rounded to float32, then each value
/// scale · code − minimum, as the Python package `gguf` does it.
enum KBlocks {
  static func q2(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let (d, dmin) = (block.half(80), block.half(82))
    for group in 0..<16 {
      let packed = block.byte(group)
      let (scale, minimum) = (d * Float(packed & 15), dmin * Float(packed >> 4))
      for i in group &* 16..<group &* 16 &+ 16 {
        values[i] = scale * Float(twoBits(block + 16, i)) - minimum
      }
    }
  }

  static func q3(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let d = block.half(108)
    for group in 0..<16 {
      let low = block.byte(96 &+ (group & 7)) &>> (group < 8 ? 0 : 4) & 15
      let high = block.byte(104 &+ (group & 3)) &>> UInt8(truncatingIfNeeded: 2 &* (group >> 2)) & 3
      let scale = d * Float(Int32(low | high << 4) &- 32)
      for i in group &* 16..<group &* 16 &+ 16 {
        // The third bit is stored inverted: where it is 0, the code is 4 less.
        let less: Int32 = bit(block, i) == 0 ? 4 : 0
        values[i] = scale * Float(Int32(twoBits(block + 32, i)) &- less)
      }
    }
  }

  static func q4(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    for group in 0..<8 {
      let (scale, minimum) = scaleAndMinimum(block, group)
      for i in group &* 32..<group &* 32 &+ 32 {
        values[i] = scale * Float(fourBits(block + 16, i)) - minimum
      }
    }
  }

  static func q5(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    for group in 0..<8 {
      let (scale, minimum) = scaleAndMinimum(block, group)
      for i in group &* 32..<group &* 32 &+ 32 {
        values[i] = scale * Float(fourBits(block + 48, i) | bit(block + 16, i) << 4) - minimum
      }
    }
  }

  static func q6(_ block: UnsafeRawPointer, _ values: UnsafeMutablePointer<Float>) {
    let d = block.half(208)
    for group in 0..<16 {
      let scale = d * Float(Int8(bitPattern: block.byte(192 &+ group)))
      for i in group &* 16..<group &* 16 &+ 16 {
        // Halves of 128 values; 64 bytes hold the low bits of two runs of 64.
        let (half, place) = (i >> 7, i & 127)
        let low = block.byte(half &* 64 &+ (place & 63)) &>> (place < 64 ? 0 : 4) & 15
        values[i] = scale * Float(Int32(low | twoBits(block + 128, i) << 4) &- 32)
      }
    }
  }

  /// Two bits of value i: 32 bytes hold four runs of 32 values, lowest bits first.
  @inline(__always)
  private static func twoBits(_ codes: UnsafeRawPointer, _ i: Int) -> UInt8 {
    codes.byte((i >> 7) &* 32 &+ (i & 31)) &>> UInt8(truncatingIfNeeded: (i >> 5 & 3) &* 2) & 3
  }

  /// Four bits of value i: 32 bytes hold two runs of 32 values.
  @inline(__always)
  private static func fourBits(_ codes: UnsafeRawPointer, _ i: Int) -> UInt8 {
    codes.byte((i >> 6) &* 32 &+ (i & 31)) &>> UInt8(truncatingIfNeeded: (i >> 5 & 1) &* 4) & 15
  }

  /// One bit of value i: 32 bytes hold eight runs of 32 values.
  @inline(__always)
  private static func bit(_ bits: UnsafeRawPointer, _ i: Int) -> UInt8 {
    bits.byte(i & 31) &>> UInt8(truncatingIfNeeded: i >> 5) & 1
  }

  /// The scale and minimum of a group of Q4_K and Q5_K.
  ///
  /// Of 12 bytes, the first four hold the scales of groups 0 to 3 in six bits, the next four their minima; groups 4 to 7
  /// have their low four bits in the last four bytes and their high two in the upper bits of the first eight.
  @inline(__always)
  private static func scaleAndMinimum(_ block: UnsafeRawPointer, _ group: Int) -> (Float, Float) {
    let (scales, j) = (block + 4, group & 3)
    let (first, second, third) = (scales.byte(j), scales.byte(j &+ 4), scales.byte(j &+ 8))
    let scale = group < 4 ? first & 63 : third & 15 | first >> 2 & 48
    let minimum = group < 4 ? second & 63 : third >> 4 | second >> 2 & 48
    return (block.half(0) * Float(scale), block.half(2) * Float(minimum))
  }
}
