import Models
import TestSupport
import Testing

@Suite("Patch rows")
struct PatchRowsTests {
  @Test("go row by row over the image, each in the order of a convolution kernel")
  func order() {
    let c = ViTConfiguration(
      imageSize: 4, patchSize: 2, channels: 2, width: 4, layers: 1, heads: 1, hidden: 4, classes: 1,
      layerNormEpsilon: 1e-5, queryKeyValueBias: true)
    // A value names its place: channel, line and column as decimal digits.
    let image = (0..<32).map { (place: Int) -> Float in
      let (channel, y, x) = (place / 16, place / 4 % 4, place % 4)
      return Float(channel * 100 + y * 10 + x)
    }
    var rows = [Float](repeating: -1, count: c.patches * c.patchValues)
    PatchRows.extract(.planes(image), c, 0..<c.patches, to: &rows)
    let expected: [Float] = [
      0, 1, 10, 11, 100, 101, 110, 111,
      2, 3, 12, 13, 102, 103, 112, 113,
      20, 21, 30, 31, 120, 121, 130, 131,
      22, 23, 32, 33, 122, 123, 132, 133,
    ]
    #expect(rows == expected)
  }

  @Test("of one patch are the image itself")
  func onePatch() {
    let c = ViTConfiguration(
      imageSize: 3, patchSize: 3, channels: 3, width: 4, layers: 1, heads: 1, hidden: 4, classes: 1,
      layerNormEpsilon: 1e-5, queryKeyValueBias: true)
    let image = (0..<27).map(Float.init)
    var rows = [Float](repeating: -1, count: 27)
    PatchRows.extract(.planes(image), c, 0..<c.patches, to: &rows)
    #expect(rows == image)
  }

  @Test(
    "of samples are those of the planes that the samples become",
    arguments: [(8, 2, 3), (32, 16, 3), (15, 5, 1)])
  func samples(size: Int, patch: Int, channels: Int) {
    let c = ViTConfiguration(
      imageSize: size, patchSize: patch, channels: channels, width: 4, layers: 1, heads: 1, hidden: 4,
      classes: 1,
      layerNormEpsilon: 1e-5, queryKeyValueBias: true)
    var random = SeededGenerator(seed: 5)
    let samples = (0..<c.pixelValues).map { _ in UInt8.random(in: 0...255, using: &random) }
    let values = random.floats(256 * channels, in: -3...3)
    let plane = size * size
    let planes = (0..<c.pixelValues).map {
      values[$0 / plane * 256 + Int(samples[$0 % plane * channels + $0 / plane])]
    }
    let range = 1..<c.patches
    var (expected, found) = (planes, planes)
    PatchRows.extract(.planes(planes), c, range, to: &expected)
    PatchRows.extract(.samples(samples, values: values), c, range, to: &found)
    #expect(found == expected)
  }
}
