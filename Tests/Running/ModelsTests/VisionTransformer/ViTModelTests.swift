import ImageProcessing
import Kernels
import ModelFixtures
import Models
import Packs
import Quantization
import TestSupport
import Testing

@Suite("Quantized ViT", .enabled(if: SharedData.available, "needs ../shared/data"))
struct ViTModelTests {
  @Test("gives each image the same logits alone and in every batch", arguments: [Recipe.w8a8, .w4a8])
  func batching(recipe: Recipe) throws {
    let pack = try RealPacks.cifarViT(recipe)
    let images = try Self.images(pack, count: 16)
    let model = try pack.makeImageModel(maxBatch: 16, pool: WorkerPool(threads: 1))
    let alone = images.map { Array(model.classify($0, count: 1)) }
    for batch in [2, 5, 16] {
      for start in stride(from: 0, to: images.count, by: batch) {
        let part = images[start..<min(start + batch, images.count)]
        let logits = Array(model.classify(part.flatMap { $0 }, count: part.count))
        #expect(
          firstDifference(logits, alone[part.indices].flatMap { $0 }) == nil, "batch \(batch) at \(start)")
      }
    }
  }

  @Test("gives the same logits and embeddings for every number of threads")
  func threads() throws {
    let pack = try RealPacks.cifarViT()
    let images = try Self.images(pack, count: 3).flatMap { $0 }
    let results = try [1, 2, 3, 5].map { threads in
      let model = try pack.makeImageModel(maxBatch: 3, pool: WorkerPool(threads: threads))
      let together = Array(model.classify(images, count: 3)) + (0..<3).flatMap { Array(model.embedding($0)) }
      // All threads share an image that comes alone.
      return together + model.classify(images, count: 1)
    }
    for result in results { #expect(firstDifference(result, results[0]) == nil) }
  }

  @Test("stays near the float32 model's logits", arguments: [Recipe.w8a8, .w4a8])
  func nearFloat(recipe: Recipe) throws {
    let pack = try RealPacks.cifarViT(recipe)
    let expected = try ReferenceFile("cifar10-vit-tiny").floats("logits").values
    let model = try pack.makeImageModel(maxBatch: 64, pool: WorkerPool(threads: 2))
    let logits = Array(model.classify(try Self.images(pack, count: 64).flatMap { $0 }, count: 64))
    let worst = largestDifference(logits, expected)
    let agreed = (0..<64).count { row in
      MaxIndexKernel.best(Array(logits[row * 10..<row * 10 + 10]), count: 10)
        == MaxIndexKernel.best(Array(expected[row * 10..<row * 10 + 10]), count: 10)
    }
    print("cifar10-vit-tiny \(recipe.rawValue): \(agreed) of 64 as in float32, largest difference \(worst)")
    #expect(agreed >= 58)
  }

  private static func images(_ pack: ModelPack, count: Int) throws -> [[Float]] {
    let data = try ImageDataset.open(
      path: SharedData.path("images/cifar10/test-1000.bin"), labels: [], limit: count)
    let recipe = try #require(pack.preprocessing)
    return try data.items.map {
      try NormalizedImage($0.image, recipe, size: ImageSize(height: 32, width: 32)).values
    }
  }
}
