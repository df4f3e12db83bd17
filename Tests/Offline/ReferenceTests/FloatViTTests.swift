import ImageProcessing
import Importers
import Kernels
import ModelFixtures
import Quantization
import Reference
import TensorCore
import TestSupport
import Testing

@Suite("Float32 ViT", .enabled(if: SharedData.available, "needs ../shared/data"))
struct FloatViTTests {
  /// The sum of 128 to 256 products differs by at most about 256 ε of its terms; four blocks add up.
  private let tolerance: Float = 1e-3
  private let pool = WorkerPool(threads: 2)

  @Test(
    "gives the reference's logits on 64 images", arguments: ["cifar10-vit-tiny", "cifar10-vit-tiny-timm"])
  func logits(folder: String) throws {
    let expected = try ReferenceFile("cifar10-vit-tiny").floats("logits")
    let model = try open(folder)
    let data = try ImageDataset.open(
      path: SharedData.path("images/cifar10/test-1000.bin"), labels: [], limit: 64)
    let recipe = try preprocessing()
    var worst: Float = 0
    for (index, item) in data.items.enumerated() {
      let image = try NormalizedImage(item.image, recipe, size: ImageSize(height: 32, width: 32)).values
      worst = max(worst, largestDifference(model.logits(image), expected.row(index)))
    }
    print("\(folder): largest difference of logits \(worst)")
    #expect(worst <= tolerance)
  }

  @Test("gives the reference's hidden states on two images")
  func hiddenStates() throws {
    let reference = try ReferenceFile("cifar10-vit-tiny")
    let model = try open("cifar10-vit-tiny")
    let pixels = try reference.floats("pixel_values").values
    let size = pixels.count / 2
    for image in 0..<2 {
      let trace = model.trace(Array(pixels[image * size..<(image + 1) * size]))
      var states = [("hidden.embeddings", trace.embeddings), ("hidden.norm", trace.norm)]
      states += trace.blocks.enumerated().map { ("hidden.block.\($0)", $1) }
      for (name, state) in states {
        let expected = try reference.floats(name).values
        let count = state.values.count
        let worst = largestDifference(state.values, expected[image * count..<(image + 1) * count])
        print("\(name), image \(image): largest difference \(worst)")
        #expect(worst <= tolerance, "\(name) of image \(image)")
      }
    }
  }

  private func open(_ folder: String) throws -> FloatViT {
    let imported = try ImportedModel.open(SharedData.path("models/\(folder)"))
    let reference = try ReferenceModel(imported.configuration, pool: pool, tensor: imported.tensor)
    let model: FloatViT? = if case .images(let model) = reference { model } else { nil }
    return try #require(model)
  }

  /// The record of the folder that has one; the timm folder describes the same preparation in its own words.
  private func preprocessing() throws -> ImagePreprocessing {
    try #require(try ImportedModel.open(SharedData.path("models/cifar10-vit-tiny")).preprocessing)
  }
}
