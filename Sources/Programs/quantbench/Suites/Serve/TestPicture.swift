/// A PPM picture with some colours in it.
struct TestPicture {
  let name: String
  let bytes: [UInt8]

  init(width: Int, height: Int) {
    name = "\(width)×\(height)"
    bytes =
      Array("P6\n\(width) \(height)\n255\n".utf8)
      + (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
  }

  /// A picture of the model's own size, and a photo that has to be resized.
  static func usual(side: Int) -> [TestPicture] {
    [TestPicture(width: side, height: side), TestPicture(width: 640, height: 480)]
  }
}
