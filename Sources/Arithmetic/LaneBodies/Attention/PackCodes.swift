import ScalarKernels

/// Codes of a page on their way to its lines.
extension FloatLanes {
  /// Packs one token's codes of sixteen channels of K: four words of four channels, each for a bit field or a line of its
  /// own. Of 3 and 5 bits the highest go into half a line of the plane, which two calls fill.
  ///
  /// - Parameter channel: The first one, a multiple of 16; lower ones come first.
  @inlinable @inline(__always)
  static func storeKeys(
    _ format: PageFormat, _ words: SIMD4<UInt32>, _ t: Int, channel: Int, page: UnsafeMutableRawPointer
  ) {
    let bits = format.keyLineBits
    let (block, lane) = (t / 16, 4 * (t % 16))
    let line = (block * format.channels + channel) * bits / 32
    let target = (page + format.keyCodes + 64 * line + lane).assumingMemoryBound(to: UInt32.self)
    let field = UInt32(0x0101_0101) &* UInt32(1 << bits &- 1)
    switch bits {
    case 8: for i in 0..<4 { target[16 * i] = words[i] }
    case 4: for i in 0..<2 { target[16 * i] = words[2 * i] & field | (words[2 * i + 1] & field) << 4 }
    default:
      target[0] =
        words[0] & field | (words[1] & field) << 2 | (words[2] & field) << 4 | (words[3] & field) << 6
    }
    guard format.hasKeyPlane else { return }
    let high = (words &>> UInt32(bits)) & 0x0101_0101
    let half = high[0] | high[1] << 1 | high[2] << 2 | high[3] << 3
    let planeLine = block * ((format.channels + 31) / 32) + channel / 32
    let plane = (page + format.keyPlane + 64 * planeLine + lane).assumingMemoryBound(to: UInt32.self)
    plane[0] = channel % 32 == 0 ? half : plane[0] | half << 4
  }

  /// Packs sixteen channels' codes of V: a word holds four tokens of a channel in each bit field.
  ///
  /// - Parameter codes: The codes of a token in the low bits of each lane.
  @inlinable @inline(__always)
  static func storeValues(
    _ format: PageFormat, channel: Int, page: UnsafeMutableRawPointer, codes: (_ token: Int) -> Integers
  ) {
    let bits = format.valueLineBits
    let bias = Integers(repeating: Int32(truncatingIfNeeded: format.valueBias))
    let low = Integers(repeating: 1 << Int32(bits) &- 1)
    storeValues(bits: bits, channels: format.channels, at: page + format.valueCodes + 4 * channel) {
      (codes($0) &+ bias) & low
    }
    guard format.hasValuePlane else { return }
    storeValues(bits: 1, channels: format.channels, at: page + format.valuePlane + 4 * channel) {
      (codes($0) &+ bias) &>> Int32(bits)
    }
  }

  /// Fills lines, `4 · channels` bytes apart, with fields of `bits` bits.
  @inlinable @inline(__always)
  static func storeValues(
    bits: Int, channels: Int, at target: UnsafeMutableRawPointer, field: (_ token: Int) -> Integers
  ) {
    let fields = 8 / bits
    for line in 0..<PageFormat.tokens / (4 * fields) {
      var words = Integers(repeating: 0)
      for i in 0..<4 * fields {
        words = words | (field(4 * fields * line + i) &<< Int32(8 * (i % 4) + bits * (i / 4)))
      }
      words.store(target + 4 * channels * line)
    }
  }
}
