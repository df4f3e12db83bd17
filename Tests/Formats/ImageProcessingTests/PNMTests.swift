import TestSupport
import Testing

@testable import ImageProcessing

@Suite("PNM")
struct PNMTests {
  private func decode(_ text: String, _ raster: [UInt8] = [], maxPixels: Int = 1000) throws(ImageError)
    -> Image
  {
    try PNM.decode(Array(text.utf8) + raster, maxPixels: maxPixels)
  }

  @Test("the four forms hold the same picture")
  func forms() throws {
    let grey = Image(width: 2, height: 1, channels: 1, samples: .eight([7, 255]), maxValue: 255)
    #expect(try decode("P5 2 1 255\n", [7, 255]) == grey)
    #expect(try decode("P2 2 1 255\n7 255\n") == grey)
    let colour = Image(width: 1, height: 2, channels: 3, samples: .eight([1, 2, 3, 4, 5, 6]), maxValue: 9)
    #expect(try decode("P6 1 2 9\n", [1, 2, 3, 4, 5, 6]) == colour)
    #expect(try decode("P3 1 2 9\n1 2 3\n4 5 6") == colour)
  }

  @Test("16-bit samples are big-endian and become 8 bits by rounding")
  func sixteenBits() throws {
    let image = try decode("P5 2 1 1000\n", [0x01, 0xf4, 0x03, 0xe8])
    #expect(image.samples == .sixteen([500, 1000]))
    #expect(try decode("P2 2 1 1000 500 1000") == image)
    #expect(image.reducedToRGB8().pixels == [128, 128, 128, 255, 255, 255])
    #expect(
      try decode("P5 3 1 3\n", [1, 2, 3]).reducedToRGB8().pixels == [
        85, 85, 85, 170, 170, 170, 255, 255, 255,
      ])
  }

  @Test(
    "comments may stand anywhere before the samples",
    arguments: [
      "P5#c\n1 1 255\n", "P5\n# 9 9\n#\n1 # w\n 1#h\n255\n", "P5 1 1 255#c\n", "P5\t1\r\n1\u{b}255 ",
      "P5 01 1#\r255\n",
    ])
  func comments(header: String) throws {
    #expect(try decode(header, [35]).samples == .eight([35]))
    #expect(try decode("P2 2 #x\n1 9 # y\n3#z\n#\n4 # end").samples == .eight([3, 4]))
  }

  @Test("a file cut at any byte, or with one byte too many, is refused")
  func truncation() throws {
    for (header, raster) in [("P6 # c\n2 2\n255\n", 12), ("P5 3 1 65535\n", 6)] {
      let whole = Array(header.utf8) + [UInt8](repeating: 50, count: raster)
      _ = try PNM.decode(whole, maxPixels: 100)
      for end in whole.indices {
        #expect(throws: ImageError.self, "\(end)") { try PNM.decode(Array(whole[..<end]), maxPixels: 100) }
      }
      let found = ImageError.wrongByteCount(found: raster + 1, expected: raster)
      #expect(throws: found) { try PNM.decode(whole + [0], maxPixels: 100) }
    }
    let plain = Array("P3 1 1 255 100 100 100".utf8)
    for end in 0..<plain.count - 2 {
      #expect(throws: ImageError.self, "\(end)") { try PNM.decode(Array(plain[..<end]), maxPixels: 100) }
    }
    #expect(throws: ImageError.trailingData(offset: 14)) { try decode("P2 1 1 255 10 10") }
  }

  @Test(
    "sizes and whites out of bounds are refused before anything is allocated",
    arguments: [
      ("P5 100000 100000 255\n", ImageError.tooManyPixels(width: 100_000, height: 100_000, limit: 1000)),
      ("P5 99999999999999999999 1 255\n", .numberTooLarge(field: "width", limit: 1 << 30)),
      ("P5 1073741824 1073741824 255\n", .tooManyPixels(width: 1 << 30, height: 1 << 30, limit: 1000)),
      ("P5 0 4 255\n", .emptyImage(width: 0, height: 4)), ("P5 1 1 0\n", .invalidMaxValue(found: 0)),
      ("P5 1 1 65536\n", .invalidMaxValue(found: 65536)),
      ("P2 10 100 255 1 2", .missingSamples(bytes: 3, samples: 1000)),
      ("P5 -1 1 255\n", .malformedNumber(field: "width", offset: 3)),
      ("P5 1x1 255\n", .malformedNumber(field: "width", offset: 4)),
      ("P2 1 1 9 10", .sampleTooLarge(index: 0, value: 10, maxValue: 9)),
      ("P5 1 1 9\nx", .sampleTooLarge(index: 0, value: 120, maxValue: 9)),
    ])
  func bounds(text: String, error: ImageError) {
    #expect(throws: error) { try decode(text) }
  }

  @Test("other image files are named in the refusal")
  func otherFormats() {
    let magics: [([UInt8], String)] = [
      ([0x89, 0x50, 0x4e, 0x47, 13, 10], "PNG"), ([0xff, 0xd8, 0xff, 0xe0], "JPEG"),
      (Array("P4 8 8\n".utf8), "P4"),
      (Array("P1 8 8\n".utf8), "P1"), (Array("P7\nWIDTH".utf8), "P7"), (Array("GIF89a".utf8), "GIF"),
    ]
    for (bytes, name) in magics {
      let error = #expect(throws: ImageError.self) { try PNM.decode(bytes, maxPixels: 10) }
      #expect(error?.description.contains(name) == true && error?.description.contains("onvert") == true)
    }
    for bytes in [[], [0x50], [0x50, 0x39], [1, 2, 3]] as [[UInt8]] {
      #expect(throws: ImageError.unknownFormat) { try PNM.decode(bytes, maxPixels: 10) }
    }
  }

  @Test("thousands of damaged files neither trap nor hang")
  func mutations() {
    var random = SeededGenerator(seed: 11)
    let originals = [
      "P6 # c\n2 2\n255\n0123456789ab", "P3 2 1 255\n1 2 3 # x\n4 5 6\n", "P5 2 2 999\n01020102",
    ]
    for original in originals {
      for _ in 0..<1500 {
        var mutant = Array(original.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let index = Int.random(in: mutant.indices, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: mutant[index] = UInt8.random(in: 0...255, using: &random)
          case 1: mutant.insert(UInt8(ascii: "9"), at: index)
          default: if mutant.count > 2 { mutant.remove(at: index) }
          }
        }
        if let image = try? PNM.decode(mutant, maxPixels: 1000) {
          #expect(image.width * image.height <= 1000)
        }
      }
    }
  }
}
