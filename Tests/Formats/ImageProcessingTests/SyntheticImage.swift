@testable import ImageProcessing

/// Images that a few lines of any language make: gradients (seed 0) or noise.
enum SyntheticImage {
  static func make(_ size: ImageSize, seed: UInt32) -> RGB8 {
    var state = seed
    var pixels: [UInt8] = []
    for y in 0..<size.height {
      for x in 0..<size.width {
        for channel in 0..<3 {
          state = state &* 1_664_525 &+ 1_013_904_223
          let gradient = UInt8(truncatingIfNeeded: x * 7 + y * 13 + channel * 50)
          pixels.append(seed == 0 ? gradient : UInt8(state >> 24))
        }
      }
    }
    return RGB8(size: size, pixels: pixels[...])
  }

  /// CRC-32 as in zip and PNG.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum: UInt32 = .max
    for byte in bytes {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return ~checksum
  }
}
