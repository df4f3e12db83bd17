import TestSupport
import Testing

@testable import ImageProcessing

/// The goldens are what Pillow 13.0.0's `Image.resize((width, height), resample=code)` makes of
/// ``SyntheticImage``.
@Suite("Resampling")
struct ResamplingTests {
  struct Golden: Sendable, CustomTestStringConvertible {
    let from: ImageSize
    let to: ImageSize
    let seed: UInt32
    /// CRC-32 of the pixels: nearest, Lanczos, bilinear, bicubic, box, Hamming.
    let checksums: [UInt32]

    init(_ from: (Int, Int), _ to: (Int, Int), seed: UInt32, _ checksums: [UInt32]) {
      self.from = ImageSize(height: from.0, width: from.1)
      self.to = ImageSize(height: to.0, width: to.1)
      self.seed = seed
      self.checksums = checksums
    }

    var testDescription: String { "\(from) to \(to), seed \(seed)" }
  }

  private func resize(_ image: RGB8, to size: ImageSize, _ filter: ImagePreprocessing.Interpolation) -> RGB8 {
    Resampling.resize(image, to: size, filter, rows: 0..<size.height, columns: 0..<size.width)
  }

  static let goldens: [Golden] = [
    .init(
      (5, 7), (3, 4), seed: 0,
      [2_265_223_148, 3_203_420_556, 3_398_835_927, 1_044_968_942, 3_251_250_181, 1_044_968_942]),
    .init(
      (5, 7), (3, 4), seed: 1,
      [1_430_426_042, 1_400_243_346, 1_364_775_453, 1_716_781_671, 3_427_151_827, 956_057_921]),
    .init(
      (4, 4), (9, 7), seed: 0,
      [1_311_428_424, 2_284_212_399, 2_157_884_390, 3_537_865_733, 1_431_716_841, 3_637_905_654]),
    .init(
      (4, 4), (9, 7), seed: 1,
      [897_707_321, 838_048_464, 1_189_573_299, 4_066_109_333, 1_674_784_566, 3_319_644_136]),
    .init(
      (16, 16), (5, 5), seed: 0,
      [3_595_932_642, 3_365_752_330, 2_578_443_951, 3_937_295_991, 2_901_485_160, 781_830_537]),
    .init(
      (16, 16), (5, 5), seed: 1,
      [873_738_996, 2_707_486_588, 2_364_799_731, 2_851_806_219, 391_856_244, 1_532_990_949]),
    .init(
      (1, 9), (3, 2), seed: 0,
      [1_236_259_069, 3_709_712_065, 1_804_510_013, 1_236_259_069, 591_795_150, 3_709_712_065]),
    .init(
      (1, 9), (3, 2), seed: 1,
      [1_066_691_286, 2_389_372_815, 1_517_543_102, 190_955_644, 2_016_610_080, 3_666_028_180]),
    .init(
      (37, 23), (8, 8), seed: 0,
      [56_395_718, 21_505_761, 4_165_567_295, 1_242_183_795, 604_086_727, 3_379_474_193]),
    .init(
      (37, 23), (8, 8), seed: 1,
      [2_588_353_325, 3_662_233_703, 3_612_057_197, 1_993_822_425, 3_216_925_008, 2_698_482_602]),
    .init(
      (6, 6), (6, 3), seed: 0,
      [1_383_524_547, 440_495_670, 2_749_325_732, 1_831_804_418, 3_948_883_923, 1_831_804_418]),
    .init(
      (6, 6), (6, 3), seed: 1,
      [326_354_905, 2_089_348_250, 3_574_329_719, 811_392_101, 1_484_350_432, 3_442_397_373]),
    .init(
      (8, 8), (3, 8), seed: 0,
      [1_538_929_037, 3_535_300_419, 3_587_198_282, 1_782_628_961, 2_903_720_688, 3_446_671_830]),
    .init(
      (8, 8), (3, 8), seed: 1,
      [447_127_589, 2_522_773_034, 4_115_809_641, 900_230_286, 2_697_321_943, 416_969_772]),
    .init(
      (64, 48), (224, 224), seed: 0,
      [2_288_957_889, 762_711_656, 2_768_871_416, 699_475_392, 660_569_241, 29_626_912]),
    .init(
      (64, 48), (224, 224), seed: 1,
      [3_248_485_377, 2_763_807_881, 1_093_168_692, 1_183_657_112, 2_763_464_021, 2_338_618_667]),
  ]

  @Test("equals Pillow bit for bit", arguments: goldens)
  func equalsPillow(golden: Golden) {
    let image = SyntheticImage.make(golden.from, seed: golden.seed)
    for filter in ImagePreprocessing.Interpolation.allCases {
      let resized = resize(image, to: golden.to, filter)
      #expect(resized.size == golden.to)
      #expect(SyntheticImage.checksum(resized.samples) == golden.checksums[filter.rawValue], "\(filter)")
    }
  }

  @Test("a few pixels in full, for when a checksum differs")
  func pixels() {
    let image = SyntheticImage.make(ImageSize(height: 5, width: 7), seed: 1)
    let bilinear: [UInt8] = [
      81, 73, 111, 159, 90, 95, 194, 148, 105, 185, 204, 138, 53, 109, 143, 111, 164, 107, 148, 111, 96, 144,
      140, 90,
      99, 148, 195, 163, 165, 108, 150, 165, 87, 113, 153, 105,
    ]
    let bicubic: [UInt8] = [
      75, 73, 108, 162, 84, 92, 199, 146, 104, 185, 213, 144, 44, 103, 146, 108, 170, 110, 149, 106, 98, 146,
      141, 92,
      97, 147, 204, 166, 166, 101, 152, 170, 83, 112, 150, 101,
    ]
    let size = ImageSize(height: 3, width: 4)
    #expect(resize(image, to: size, .bilinear).samples == bilinear)
    #expect(resize(image, to: size, .bicubic).samples == bicubic)
  }

  @Test("one colour stays that colour at any size", arguments: ImagePreprocessing.Interpolation.allCases)
  func flat(filter: ImagePreprocessing.Interpolation) {
    for value in [UInt8(0), 1, 127, 255] {
      let image = RGB8(
        size: ImageSize(height: 7, width: 11), pixels: Array(repeating: value, count: 231)[...])
      for side in [1, 2, 5, 12, 40] {
        let resized = resize(image, to: ImageSize(height: side, width: side), filter)
        #expect(resized.samples.allSatisfy { $0 == value })
      }
    }
  }

  static let sizes = [(1, 1), (1, 40), (2, 3), (3, 1), (5, 6), (17, 16), (33, 7), (50, 23)].map {
    ImageSize(height: $0.0, width: $0.1)
  }

  @Test("a part of the result equals that part of the whole", arguments: sizes, sizes)
  func parts(from: ImageSize, to: ImageSize) {
    let image = SyntheticImage.make(from, seed: 1)
    for filter in ImagePreprocessing.Interpolation.allCases {
      let whole = resize(image, to: to, filter)
      for (rows, columns) in zip(Self.parts(of: to.height), Self.parts(of: to.width)) {
        let part = Resampling.resize(image, to: to, filter, rows: rows, columns: columns)
        #expect(part.samples == whole.cropped(rows, columns).samples, "\(filter), \(rows), \(columns)")
      }
    }
  }

  /// The whole, the middle, each end and single samples.
  private static func parts(of count: Int) -> [Range<Int>] {
    [
      0..<count, count / 3..<count - count / 3, 0..<(count + 1) / 2, count / 2..<count, 0..<1,
      count - 1..<count,
    ]
  }

  @Test("a part of an image is resized like an image of its own", arguments: sizes)
  func partsOfImages(to: ImageSize) {
    let image = SyntheticImage.make(ImageSize(height: 19, width: 13), seed: 1)
    for (rows, columns) in zip(Self.parts(of: 19), Self.parts(of: 13)) {
      let part = image.cropped(rows, columns)
      let copy = RGB8(size: part.size, pixels: part.samples[...])
      for filter in ImagePreprocessing.Interpolation.allCases {
        #expect(resize(part, to: to, filter).samples == resize(copy, to: to, filter).samples, "\(filter)")
      }
    }
  }

  @Test("equals sums of 64 bits", arguments: [ImagePreprocessing.Interpolation.bilinear, .bicubic, .lanczos])
  func sums(interpolation: ImagePreprocessing.Interpolation) throws {
    let filter = try #require(Filter(interpolation))
    for (old, new) in [(1, 9), (2, 3), (7, 40), (40, 7), (300, 11), (999, 2)] {
      let row = SyntheticImage.make(ImageSize(height: 1, width: old), seed: 1)
      for (pixels, new) in [(Array(row.pixels), new), ([UInt8](repeating: 255, count: 3 * old), new)] {
        let image = RGB8(size: row.size, pixels: pixels[...])
        let across = resize(image, to: ImageSize(height: 1, width: new), interpolation)
        #expect(across.samples == Self.resample(pixels, from: old, to: new, filter))
        let column = RGB8(size: ImageSize(height: old, width: 1), pixels: pixels[...])
        let down = resize(column, to: ImageSize(height: new, width: 1), interpolation)
        #expect(down.samples == across.samples)
      }
    }
  }

  /// The definition: a row of pixels, summed up without splitting weights or letting anything overflow.
  private static func resample(_ pixels: [UInt8], from: Int, to: Int, _ filter: Filter) -> [UInt8] {
    let (scale, stretch) = (Double(from) / Double(to), max(Double(from) / Double(to), 1))
    return (0..<to).flatMap { x in
      let centre = (Double(x) + 0.5) * scale
      let first = max(0, Int(centre - filter.support * stretch + 0.5))
      let end = min(from, Int(centre + filter.support * stretch + 0.5))
      let weights = (first..<end).map { filter.value((Double($0) - centre + 0.5) * (1 / stretch)) }
      let total = weights.reduce(0, +)
      return (0..<3).map { channel in
        var sum = 1 << 21
        for (weight, old) in zip(weights, first..<end) {
          let scaled = weight / total * Double(1 << 22)
          sum += Int(scaled < 0 ? scaled - 0.5 : scaled + 0.5) * Int(pixels[3 * old + channel])
        }
        return UInt8(clamping: sum >> 22)
      }
    }
  }
}

extension RGB8 {
  /// The image alone, rows following each other.
  fileprivate var samples: [UInt8] {
    (0..<size.height).flatMap { pixels[place($0, 0)..<place($0, size.width)] }
  }
}
