import FoundationEssentials
import TestSupport
import Testing

@testable import ImageProcessing

@Suite("Preprocessing")
struct PreprocessTests {
  private func run(_ image: Image, _ recipe: ImagePreprocessing, _ height: Int, _ width: Int) throws
    -> [Float]
  {
    try preprocess(image, recipe, size: ImageSize(height: height, width: width)).planes()
  }

  private func grey(_ width: Int, _ height: Int, _ samples: [UInt8]) -> Image {
    Image(width: width, height: height, channels: 1, samples: .eight(samples[...]), maxValue: 255)
  }

  @Test("samples are rescaled, then normalized per channel, into planes")
  func normalization() throws {
    let image = Image(
      width: 2, height: 1, channels: 3, samples: .eight([0, 51, 255, 102, 255, 0]), maxValue: 255)
    let recipe = ImagePreprocessing(mean: [0.5, 0.25, 0], deviation: [0.5, 0.125, 2])
    #expect(
      try run(image, recipe, 1, 2) == [-1, (Float(0.4) - 0.5) / 0.5, (Float(0.2) - 0.25) / 0.125, 6, 0.5, 0])
  }

  @Test("every value equals the formula, whatever the width", arguments: [1, 2, 3, 4, 5, 7, 8, 31, 33])
  func formula(width: Int) throws {
    var random = SeededGenerator()
    let samples = random.uint8s(2 * width * 3)
    let image = Image(width: width, height: 2, channels: 3, samples: .eight(samples[...]), maxValue: 255)
    let recipe = ImagePreprocessing(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
    let expected = (0..<3).flatMap { channel in
      (0..<2 * width).map { pixel in
        let value = Float(Double(samples[3 * pixel + channel]) * recipe.rescale)
        return (value - Float(recipe.mean[channel])) / Float(recipe.deviation[channel])
      }
    }
    #expect(try run(image, recipe, 2, width) == expected)
  }

  @Test("the crop is the middle, rounded towards the top left; what lies outside is black")
  func crop() throws {
    var recipe = ImagePreprocessing(crop: ImageSize(height: 1, width: 2), rescale: 1)
    #expect(try run(grey(5, 2, Array(0..<10)), recipe, 1, 2).prefix(2) == [1, 2])
    recipe.crop = ImageSize(height: 1, width: 4)
    #expect(try run(grey(1, 1, [9]), recipe, 1, 4).prefix(4) == [0, 0, 9, 0])
  }

  @Test(
    "cropping while resizing equals cropping afterwards", arguments: ImagePreprocessing.Interpolation.allCases
  )
  func cropOfResized(interpolation: ImagePreprocessing.Interpolation) throws {
    for (width, height) in [(1, 1), (1, 9), (9, 1), (13, 10), (33, 50), (64, 48)] {
      let colours = SyntheticImage.make(ImageSize(height: height, width: width), seed: 1).pixels
      let image = Image(width: width, height: height, channels: 3, samples: .eight(colours), maxValue: 255)
      for resize in [
        ImagePreprocessing.Resize.shortestEdge(7), .shortestEdge(40), .exact(height: 21, width: 20),
      ] {
        var recipe = ImagePreprocessing(
          resize: resize, interpolation: interpolation, deviation: [0.5, 0.25, 2])
        let whole = recipe.outputSize(of: image.size)
        let values = try run(image, recipe, whole.height, whole.width)
        for crop in [(1, 1), (5, 4), (20, 21), (31, 24)].map({ ImageSize(height: $0.0, width: $0.1) }) {
          recipe.crop = crop
          let cropped = try run(image, recipe, crop.height, crop.width)
          #expect(cropped == middle(values, of: whole, crop), "\(image.size) to \(whole), \(crop)")
        }
      }
    }
  }

  /// The middle of three planes; 0 around them.
  private func middle(_ planes: [Float], of size: ImageSize, _ crop: ImageSize) -> [Float] {
    let (top, left) = ((size.height - crop.height) >> 1, (size.width - crop.width) >> 1)
    return (0..<3).flatMap { channel in
      (top..<top + crop.height).flatMap { y in
        (left..<left + crop.width).map { x in
          guard (0..<size.height).contains(y), (0..<size.width).contains(x) else { return Float(0) }
          return planes[(channel * size.height + y) * size.width + x]
        }
      }
    }
  }

  @Test("the shorter side gets the given length, the longer one its proportion rounded down")
  func shortestEdge() {
    let recipe = ImagePreprocessing(resize: .shortestEdge(224))
    #expect(recipe.outputSize(of: ImageSize(height: 375, width: 500)) == ImageSize(height: 224, width: 298))
    #expect(recipe.outputSize(of: ImageSize(height: 500, width: 375)) == ImageSize(height: 298, width: 224))
    #expect(recipe.outputSize(of: ImageSize(height: 10, width: 10)) == ImageSize(height: 224, width: 224))
  }

  @Test("an image of the wrong size, a hostile shape or a bad recipe is refused")
  func refusals() {
    let wrong = ImageError.wrongSize(
      found: ImageSize(height: 1, width: 1), expected: ImageSize(height: 2, width: 2))
    #expect(throws: wrong) { try run(grey(1, 1, [0]), ImagePreprocessing(), 2, 2) }
    let strip = grey(60_000, 1, [UInt8](repeating: 0, count: 60_000))
    let cropped = ImagePreprocessing(resize: .shortestEdge(512), crop: ImageSize(height: 4, width: 4))
    #expect(throws: ImageError.self) { try run(strip, cropped, 4, 4) }
    let recipes = [
      ImagePreprocessing(resize: .shortestEdge(0)),
      ImagePreprocessing(resize: .exact(height: 1, width: .max)),
      ImagePreprocessing(deviation: [1, 0, 1]), ImagePreprocessing(mean: [0]),
      ImagePreprocessing(rescale: .nan),
      ImagePreprocessing(crop: ImageSize(height: -1, width: 1)),
    ]
    for recipe in recipes { #expect(throws: ImageError.self) { try recipe.validate() } }
  }

  @Test("a recipe survives its JSON form")
  func coding() throws {
    for resize in [ImagePreprocessing.Resize.none, .shortestEdge(256), .exact(height: 32, width: 31)] {
      let recipe = ImagePreprocessing(
        resize: resize, crop: ImageSize(height: 224, width: 224), interpolation: .bicubic,
        mean: [0.4914, 0.4822, 0.4465])
      let json = try JSONEncoder().encode(recipe)
      #expect(try JSONDecoder().decode(ImagePreprocessing.self, from: json) == recipe)
    }
  }

  @Test(
    "sample images decode and keep their size", .enabled(if: SharedData.available, "needs ../shared/data"))
  func sampleImages() throws {
    let folder = SharedData.path("images/samples/cifar10")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".ppm") }
    #expect(names.count == 10)
    for name in names {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
      let image = try PNM.decode(bytes, maxPixels: 1 << 20)
      let recipe = ImagePreprocessing(resize: .exact(height: 32, width: 32))
      #expect(try run(image, recipe, 32, 32).allSatisfy { (0...1).contains($0) })
    }
  }
}
