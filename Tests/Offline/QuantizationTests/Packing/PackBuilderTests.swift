import Architectures
import Checkpoints
import Glibc
import Importers
import Kernels
import ModelFixtures
import Models
import Packs
import Reference
import TestSupport
import Testing

@testable import Quantization

@Suite("Building packs", .enabled(if: SharedData.available, "needs ../shared/data"))
struct PackBuilderTests {
  private static let text = SharedData.path("reference/nll-text.txt")
  private static let images = SharedData.path("images/cifar10/test-1000.bin")

  @Test("of stories260k keeps its perplexity", arguments: [(Recipe.w8a8, 1.01), (.w4a8, 1.12)])
  func perplexity(recipe: Recipe, limit: Double) throws {
    let entry = try evaluate(RealPacks.stories260k(recipe), RealPacks.stories, Self.text)
    let (ratio, kl) = (try #require(entry.perplexityRatio), try #require(entry.kl))
    print("stories260k \(recipe.rawValue): ratio \(ratio), KL \(kl), agreement \(entry.agreement ?? 0)")
    #expect(entry.count == 2000 && entry.kind == .text)
    #expect(abs(try #require(entry.nllReference) - 1.5131) < 1e-3, "the reference's mean NLL")
    #expect(ratio <= limit && kl >= 0)
  }

  @Test("of cifar10-vit-tiny keeps its accuracy", arguments: [(Recipe.w8a8, 0.005), (.w4a8, 0.02)])
  func accuracy(recipe: Recipe, limit: Double) throws {
    let entry = try evaluate(RealPacks.cifarViT(recipe), RealPacks.cifar, Self.images)
    let (top1, float) = (try #require(entry.top1), try #require(entry.top1Reference))
    print(
      "cifar10-vit-tiny \(recipe.rawValue): top-1 \(top1), float32 \(float), agreement \(entry.agreement ?? 0)"
    )
    #expect(entry.count == 1000 && entry.kind == .image)
    #expect(float == 0.709, "the reference's top-1")
    #expect(top1 >= float - limit)
  }

  @Test("with a draft head guesses as without", arguments: [true, false])
  func draftHead(wanted: Bool) throws {
    let model = try ImportedModel.open(RealPacks.stories)
    let builder = PackBuilder(
      model: model, tokenizer: try ImportedTokenizer.read(beside: RealPacks.stories),
      options: QuantizationOptions(recipe: .w4a8, draftHead: wanted, transforms: []),
      pool: WorkerPool(threads: 2))
    let path = try temporaryFile([])
    defer { unlink(path) }
    let result = try builder.build(name: "stories", calibration: nil)
    try builder.write(result, quality: nil, to: path)
    let pack = try ModelPack(path: path)
    #expect((pack.file[TensorRow.name(.draftHead) + ".metas"] != nil) == wanted)
    #expect(
      result.layerErrors[TensorRow.name(.draftHead)].map { $0 > 0.01 && $0 < 0.2 } == (wanted ? true : nil))
    let entry = try evaluate(pack, RealPacks.stories, Self.text)
    #expect(try #require(entry.agreement) > 0.82 && #require(entry.perplexityRatio) < 1.12)
  }

  @Test(
    "a draft head comes with 4 bits and many tokens",
    arguments: [(Recipe.w4a8, 8_192, true), (.w4a8, 8_191, false), (.w8a8, 50_000, false)])
  func draftRule(recipe: Recipe, vocabulary: Int, expected: Bool) {
    #expect(QuantizationOptions(recipe: recipe).draftsHead(vocabulary: vocabulary) == expected)
    #expect(
      QuantizationOptions(recipe: recipe, draftHead: !expected).draftsHead(vocabulary: vocabulary)
        == !expected)
  }

  @Test("twice gives the same bytes", arguments: [Recipe.w8a8, .w4a8])
  func deterministic(recipe: Recipe) throws {
    let files = try (0..<2).map { _ in
      let path = try temporaryFile([])
      defer { unlink(path) }
      try RealPacks.build(RealPacks.stories, recipe, calibration: Self.text, to: path)
      return try MappedFile(path: path).digest()
    }
    #expect(files[0] == files[1])
  }

  @Test("of a ViT gives the same bytes for every number of threads")
  func threads() throws {
    let results = try [1, 3].map { threads in
      let builder = PackBuilder(
        model: try ImportedModel.open(RealPacks.cifar), tokenizer: nil,
        options: QuantizationOptions(recipe: .w4a8),
        pool: WorkerPool(threads: threads))
      return try builder.build(name: "vit", calibration: RealPacks.calibrationImages)
    }
    #expect(results[0].tensors.map(\.bytes) == results[1].tensors.map(\.bytes))
    #expect(results[0].layerErrors == results[1].layerErrors)
  }

  @Test(
    "of a decoder gives the same bytes for every number of threads, and says how it was made",
    arguments: FamilyFixture.all)
  func decoders(fixture: FamilyFixture) throws {
    let results = try [1, 3].map { threads in
      let pool = WorkerPool(threads: threads)
      let builder = PackBuilder(
        model: try fixture.open(), tokenizer: FamilyFixture.tokenizer,
        options: QuantizationOptions(recipe: .w4a8, draftHead: false), pool: pool)
      return try builder.build(name: "decoder", on: builder.read(.builtIn(.calibration)))
    }
    #expect(results[0].tensors.map(\.bytes) == results[1].tensors.map(\.bytes))
    #expect(results[0].layerErrors == results[1].layerErrors)
    let recipe = results[0].recipe
    #expect(recipe.rounding == "hessian" && recipe.transforms?.contains("rotate-values") == true)
  }

  @Test("records where a pack came from and how it was made")
  func records() throws {
    let pack = try RealPacks.cifarViT(.w4a8)
    let (recipe, source) = (try #require(pack.recipe), try #require(pack.source))
    #expect(
      recipe.name == "w4a8" && recipe.calibrationData == "calibration-512.bin"
        && recipe.calibrationItems == 256)
    #expect(recipe.calibrationDigest?.count == 64 && source.sha256.count == 64)
    #expect(source.format == "huggingface" && source.files == ["model.safetensors"])
  }

  @Test("of a ViT needs images to calibrate on")
  func uncalibrated() throws {
    let builder = PackBuilder(
      model: try ImportedModel.open(RealPacks.cifar), tokenizer: nil,
      options: QuantizationOptions(recipe: .w8a8),
      pool: WorkerPool(threads: 1))
    #expect(throws: QuantizationError.needsCalibration(architecture: "vit")) {
      try builder.build(name: "vit", calibration: nil)
    }
  }

  @Test("of a ViT refuses values with a scale per token, which only a cache has")
  func tokenScales() throws {
    let scheme = AttentionScheme(valueScale: .token, probabilities: .log64)
    let builder = PackBuilder(
      model: try ImportedModel.open(RealPacks.cifar), tokenizer: nil,
      options: QuantizationOptions(recipe: .w8a8, attention: scheme), pool: WorkerPool(threads: 1))
    let error = #expect(throws: QuantizationError.self) { try builder.build(name: "vit", calibration: nil) }
    #expect(error?.description.contains("q8k4v4t-log64") ?? false)
  }

  @Test("falls back to 8-bit keys and values where attention is off by more than the gate")
  func gate() throws {
    var options = QuantizationOptions(recipe: .w8a8)
    options.attentionGate = 0
    let builder = PackBuilder(
      model: try ImportedModel.open(RealPacks.stories),
      tokenizer: try ImportedTokenizer.read(beside: RealPacks.stories),
      options: options, pool: WorkerPool(threads: 1))
    let result = try builder.build(name: "stories", calibration: Self.text)
    #expect(result.recipe.fallbackLayers == [0, 1, 2, 3, 4])
    #expect(result.scheme.attention.allSatisfy { $0.keyBits == 8 && $0.valueBits == 8 })
    #expect(result.layerErrors["layers.0.attention"].map { $0 > 0 } ?? false)
  }

  private func evaluate(_ pack: ModelPack, _ source: String, _ data: String) throws -> QualityRecord.Entry {
    let pool = WorkerPool(threads: 2)
    let model = try ImportedModel.open(source)
    let reference = try ReferenceModel(model.configuration, pool: pool, tensor: model.tensor)
    return try PackEvaluator(pack: pack, reference: reference, pool: pool).evaluate(path: data)
  }
}
