/// Portable grey and colour images: P2 and P5 (grey), P3 and P6 (colour); 8 bits, or 16 bits big-endian.
///
///     offset 0   'P' and '2', '3', '5' or '6'
///     then       width, height, white (1...65535) in decimal; white space and comments (# to the end of the
///                line) may stand before each, and a comment may follow directly
///     then       one white-space byte, and the samples: P5, P6 as bytes (two where white > 255);
///                P2, P3 as decimal numbers between white space and comments
package enum PNM {
  /// Decodes one image that fills `bytes` exactly.
  ///
  /// - Parameter maxPixels: Checked before anything is allocated.
  /// - Throws: ``ImageError``; it names the format of other image files.
  /// - Complexity: O(`bytes.count`); O(1) for P5 and P6 with 8 bits and white 255, whose samples stay where they are.
  package static func decode(_ bytes: [UInt8], maxPixels: Int) throws(ImageError) -> Image {
    guard bytes.count >= 2, bytes[0] == UInt8(ascii: "P"), let form = Form(rawValue: bytes[1]) else {
      throw unsupported(bytes)
    }
    var reader = PNMReader(bytes: bytes, offset: 2)
    let width = try reader.number("width", limit: 1 << 30)
    let height = try reader.number("height", limit: 1 << 30)
    guard width > 0, height > 0 else { throw .emptyImage(width: width, height: height) }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= min(maxPixels, 1 << 40) else {
      throw .tooManyPixels(width: width, height: height, limit: maxPixels)
    }
    let white = try reader.number("white", limit: 1 << 30)
    guard (1...65535).contains(white) else { throw .invalidMaxValue(found: white) }
    let count = pixels * form.channels
    let samples =
      form.isPlain
      ? try reader.plainSamples(count, white: white) : try reader.rawSamples(count, white: white)
    return Image(width: width, height: height, channels: form.channels, samples: samples, maxValue: white)
  }

  private enum Form: UInt8 {
    case plainGrey = 0x32
    case plainColour = 0x33
    case rawGrey = 0x35
    case rawColour = 0x36

    var channels: Int { self == .plainGrey || self == .rawGrey ? 1 : 3 }
    var isPlain: Bool { self == .plainGrey || self == .plainColour }
  }

  private static func unsupported(_ bytes: [UInt8]) -> ImageError {
    let formats: [(magic: [UInt8], name: String)] = [
      ([0x89, 0x50, 0x4e, 0x47], "a PNG"), ([0xff, 0xd8, 0xff], "a JPEG"), (Array("GIF8".utf8), "a GIF"),
      (Array("RIFF".utf8), "a WebP"), (Array("BM".utf8), "a BMP"), (Array("II*\0".utf8), "a TIFF"),
      (Array("MM\0*".utf8), "a TIFF"), (Array("P1".utf8), "a plain PBM bitmap (P1)"),
      (Array("P4".utf8), "a PBM bitmap (P4)"), (Array("P7".utf8), "a PAM (P7)"),
      (Array("PF".utf8), "a floating-point PFM"), (Array("Pf".utf8), "a floating-point PFM"),
    ]
    let format = formats.first { bytes.starts(with: $0.magic) }
    return format.map { .unsupportedFormat(name: $0.name) } ?? .unknownFormat
  }
}
