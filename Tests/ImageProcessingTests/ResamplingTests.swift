import TestSupport
import Testing

@testable import ImageProcessing

/// The goldens are what Pillow 13.0.0's `Image.resize((width, height), resample=code)` makes of ``SyntheticImage``.
@Suite("Resampling")
struct ResamplingTests {
  struct Golden: Sendable, CustomTestStringConvertible {
    let from: ImageSize
    let to: ImageSize
    let seed: UInt32
    /// CRC-32 of the pixels: nearest, Lanczos, bilinear, bicubic.
    let checksums: [UInt32]

    init(_ from: (Int, Int), _ to: (Int, Int), seed: UInt32, _ checksums: [UInt32]) {
      self.from = ImageSize(height: from.0, width: from.1)
      self.to = ImageSize(height: to.0, width: to.1)
      self.seed = seed
      self.checksums = checksums
    }

    var testDescription: String { "\(from) to \(to), seed \(seed)" }
  }

  static let goldens: [Golden] = [
    .init((5, 7), (3, 4), seed: 0, [2265223148, 3203420556, 3398835927, 1044968942]),
    .init((5, 7), (3, 4), seed: 1, [1430426042, 1400243346, 1364775453, 1716781671]),
    .init((4, 4), (9, 7), seed: 0, [1311428424, 2284212399, 2157884390, 3537865733]),
    .init((4, 4), (9, 7), seed: 1, [897707321, 838048464, 1189573299, 4066109333]),
    .init((16, 16), (5, 5), seed: 0, [3595932642, 3365752330, 2578443951, 3937295991]),
    .init((16, 16), (5, 5), seed: 1, [873738996, 2707486588, 2364799731, 2851806219]),
    .init((1, 9), (3, 2), seed: 0, [1236259069, 3709712065, 1804510013, 1236259069]),
    .init((1, 9), (3, 2), seed: 1, [1066691286, 2389372815, 1517543102, 190955644]),
    .init((37, 23), (8, 8), seed: 0, [56395718, 21505761, 4165567295, 1242183795]),
    .init((37, 23), (8, 8), seed: 1, [2588353325, 3662233703, 3612057197, 1993822425]),
    .init((6, 6), (6, 3), seed: 0, [1383524547, 440495670, 2749325732, 1831804418]),
    .init((6, 6), (6, 3), seed: 1, [326354905, 2089348250, 3574329719, 811392101]),
    .init((8, 8), (3, 8), seed: 0, [1538929037, 3535300419, 3587198282, 1782628961]),
    .init((8, 8), (3, 8), seed: 1, [447127589, 2522773034, 4115809641, 900230286]),
    .init((64, 48), (224, 224), seed: 0, [2288957889, 762711656, 2768871416, 699475392]),
    .init((64, 48), (224, 224), seed: 1, [3248485377, 2763807881, 1093168692, 1183657112]),
  ]

  @Test("equals Pillow bit for bit", arguments: goldens)
  func equalsPillow(golden: Golden) {
    let image = SyntheticImage.make(golden.from, seed: golden.seed)
    for filter in ImagePreprocessing.Interpolation.allCases {
      let resized = Resampling.resize(image, to: golden.to, filter)
      #expect(resized.size == golden.to)
      #expect(SyntheticImage.checksum(resized.pixels) == golden.checksums[filter.rawValue], "\(filter)")
    }
  }

  @Test("a few pixels in full, for when a checksum differs")
  func pixels() {
    let image = SyntheticImage.make(ImageSize(height: 5, width: 7), seed: 1)
    let bilinear: [UInt8] = [
      81, 73, 111, 159, 90, 95, 194, 148, 105, 185, 204, 138, 53, 109, 143, 111, 164, 107, 148, 111, 96, 144, 140, 90,
      99, 148, 195, 163, 165, 108, 150, 165, 87, 113, 153, 105,
    ]
    let bicubic: [UInt8] = [
      75, 73, 108, 162, 84, 92, 199, 146, 104, 185, 213, 144, 44, 103, 146, 108, 170, 110, 149, 106, 98, 146, 141, 92,
      97, 147, 204, 166, 166, 101, 152, 170, 83, 112, 150, 101,
    ]
    let size = ImageSize(height: 3, width: 4)
    #expect(Resampling.resize(image, to: size, .bilinear).pixels == bilinear)
    #expect(Resampling.resize(image, to: size, .bicubic).pixels == bicubic)
  }

  @Test("one colour stays that colour at any size", arguments: ImagePreprocessing.Interpolation.allCases)
  func flat(filter: ImagePreprocessing.Interpolation) {
    for value in [UInt8(0), 1, 127, 255] {
      let image = RGB8(size: ImageSize(height: 7, width: 11), pixels: Array(repeating: value, count: 231))
      for side in [1, 2, 5, 12, 40] {
        let resized = Resampling.resize(image, to: ImageSize(height: side, width: side), filter)
        #expect(resized.pixels.allSatisfy { $0 == value })
      }
    }
  }
}
