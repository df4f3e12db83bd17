import Checkpoints
import ImageProcessing
import Importers
import Kernels
import ModelFixtures
import Models
import Packs
import Quantization
import Reference
import TestSupport
import Testing

/// A classifier of random weights whose float64 logits transformers computed, from the picture on; everything lies in the
/// repository.
@Suite("TinyViT against float64")
struct TinyViTTests {
  private struct Expected: Decodable {
    struct Picture: Decodable {
      let file: String
      let sha256: String
    }
    let pictures: [Picture]
  }

  private let pictures: [Image]
  private let logits: [Double]
  private let pool = WorkerPool(threads: 2)

  init() throws {
    let expected = try TinyModel.vit.expected(Expected.self).pictures
    try #require(expected.count == 10)
    pictures = try expected.map { picture in
      let file = try MappedFile(path: "\(DefaultPack.folder)/samples/\(picture.file)")
      try #require(
        "\(file.digest())" == picture.sha256,
        "\(picture.file) is another picture; run Tests/Fixtures/make_tiny_vit.py and commit what it writes")
      return try PNM.decode(file.contents(), maxPixels: 1 << 20)
    }
    logits = try TinyModel.vit.expectedLogits("logits")
  }

  /// A float32 sum of k products errs by at most k·ε of its terms' size, ε = 2⁻²⁴. The longest way to a logit goes through
  /// sums of 48 (patch), twice of 32 (q, k, v), 8 (scores), 26 (values), 32 (output), 32 (up) and 48 (down), then 32 (head):
  /// 436 terms, 436·2⁻²⁴ = 2.6e-5. GELU errs by at most 4e-5 (Numerics.md) where its layer's outputs are about 1, with rows
  /// of weights of norm 1 behind it; twice, as independent errors, 5.7e-5. Together 8.3e-5.
  private let tolerance = 8.3e-5

  @Test("the float32 model gives the float64 logits of the pictures as files")
  func float() throws {
    let imported = try TinyModel.vit.open()
    let model = try ReferenceModel(imported.configuration, pool: pool, tensor: imported.tensor)
    let recipe = try #require(imported.preprocessing)
    let size = try #require(imported.configuration.images).inputSize
    let actual = try pictures.flatMap {
      model.logits(.image(try NormalizedImage($0, recipe, size: size).values)).values
    }
    let largest = logits.reduce(0) { max($0, abs($1)) }
    let worst = zip(actual, logits).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
    print("TinyViT: largest relative difference of logits \(worst)")
    #expect(actual.count == logits.count && worst <= tolerance)
  }

  /// What the pack may lose, as a share of the logits' size.
  ///
  /// A product of 8-bit weights and activations has steps of max/127 and range/255. With rows of k ≤ 48 values the largest
  /// is at most √k times the root mean square, so that each of both adds at most √48/(127·√12) = 1.6 % of noise, together
  /// 2.2 %. The patches, four products in each of two layers and the head add up as independent errors: 2.2 %·√10 = 7 %.
  /// Keys, values, queries and softmax weights in 8 bits add four such roundings in each layer: together 2.2 %·√18 = 9.3 %.
  private let packTolerance = 0.093

  @Test("the packed model stays near the float64 logits")
  func packed() throws {
    let pack = try TinyModel.vit.pack(.w8a8)
    let (recipe, model) = (
      try #require(pack.preprocessing), try pack.makeImageModel(maxBatch: 1, pool: WorkerPool(threads: 1))
    )
    let actual = try pictures.flatMap { picture in
      Array(
        model.classify(
          try preprocess(picture, recipe, size: model.traits.inputSize).planes(), count: 1))
    }
    let error = relativeError(actual, logits)
    print("TinyViT w8a8: relative error of logits \(error)")
    #expect(error <= packTolerance)
  }
}
