/// The cursor of ``PNM``: numbers between white space and comments, then samples.
struct PNMReader {
  let bytes: [UInt8]
  var offset: Int

  /// The next number of the header or of plain samples, and the one separator after it.
  ///
  /// A comment counts as the white space that ends its line, so it can be that separator too.
  mutating func number(_ field: String, limit: Int) throws(ImageError) -> Int {
    skipSpace()
    guard offset < bytes.count else { throw .truncatedHeader(reading: field) }
    guard isDigit(bytes[offset]) else { throw .malformedNumber(field: field, offset: offset) }
    var value = 0
    while offset < bytes.count, isDigit(bytes[offset]) {
      value = value * 10 + Int(bytes[offset] - UInt8(ascii: "0"))
      guard value <= limit else { throw .numberTooLarge(field: field, limit: limit) }
      offset += 1
    }
    guard offset < bytes.count else { return value }
    if bytes[offset] == UInt8(ascii: "#") {
      skipComment()
    } else if isSpace(bytes[offset]) {
      offset += 1
    } else {
      throw .malformedNumber(field: field, offset: offset)
    }
    return value
  }

  mutating func rawSamples(_ count: Int, white: Int) throws(ImageError) -> Image.Samples {
    let raster = bytes[offset...]
    let expected = count * (white > 255 ? 2 : 1)
    guard raster.count == expected else { throw .wrongByteCount(found: raster.count, expected: expected) }
    if white > 255 {
      let samples = raster.withUnsafeBytes { raster in
        (0..<count).map { UInt16(raster[2 * $0]) << 8 | UInt16(raster[2 * $0 + 1]) }
      }
      try check(samples, white: white)
      return .sixteen(samples)
    }
    try check(raster, white: white)
    return .eight(raster)
  }

  mutating func plainSamples(_ count: Int, white: Int) throws(ImageError) -> Image.Samples {
    // Each number takes a digit and a separator, the last one no separator: allocate only what the text can
    // fill.
    guard bytes.count - offset >= 2 * count - 1 else {
      throw .missingSamples(bytes: bytes.count - offset, samples: count)
    }
    var samples: [UInt16] = []
    samples.reserveCapacity(count)
    for index in 0..<count {
      let value = try number("sample \(index)", limit: 1 << 30)
      guard value <= white else { throw .sampleTooLarge(index: index, value: value, maxValue: white) }
      samples.append(UInt16(value))
    }
    skipSpace()
    guard offset == bytes.count else { throw .trailingData(offset: offset) }
    return white > 255 ? .sixteen(samples) : .eight(samples.map(UInt8.init(truncatingIfNeeded:))[...])
  }

  private func check(_ samples: some Collection<some FixedWidthInteger>, white: Int) throws(ImageError) {
    guard white != 255 && white != 65535 else { return }
    guard let place = samples.firstIndex(where: { $0 > white }) else { return }
    let index = samples.distance(from: samples.startIndex, to: place)
    throw .sampleTooLarge(index: index, value: Int(samples[place]), maxValue: white)
  }

  private mutating func skipSpace() {
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "#") {
        skipComment()
      } else if isSpace(bytes[offset]) {
        offset += 1
      } else {
        return
      }
    }
  }

  /// Moves behind the end of the line.
  private mutating func skipComment() {
    while offset < bytes.count {
      offset += 1
      if bytes[offset - 1] == 10 || bytes[offset - 1] == 13 { return }
    }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
