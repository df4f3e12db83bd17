import FoundationEssentials
import KVBlocks
import KVCache
import Kernels
import Models
import Packs
import TestSupport
import Testing

@testable import Quantization

@Suite("Synthetic packs")
struct SyntheticPackTests {
  @Test("a ViT opens and computes finite, different logits", arguments: Recipe.allCases)
  func visionModel(recipe: Recipe) throws {
    try withPack(.deitTiny, recipe) { pack in
      let model = try pack.makeImageModel(maxBatch: 1, pool: WorkerPool(threads: 1))
      var random = SeededGenerator()
      let image = (0..<3 * 224 * 224).map { _ in Float.random(in: -2...2, using: &random) }
      let logits = Array(model.classify(image, count: 1))
      #expect(logits.count == 1_000 && logits.allSatisfy(\.isFinite), "\(random)")
      #expect(Set(logits).count > 900, "\(Set(logits).count) different logits")
      #expect(logits.allSatisfy { $0.magnitude < 100 }, "largest \(logits.map(\.magnitude).max() ?? 0)")
    }
  }

  @Test("a language model opens and computes finite, different logits", arguments: Recipe.allCases)
  func languageModel(recipe: Recipe) throws {
    try withPack(.stories15M, recipe) { pack in
      let limits = SequenceLimits(stepTokens: 8, sequences: 1, logitRows: 1, blocks: 1)
      let model = try pack.makeSequenceModel(limits: limits, pool: WorkerPool(threads: 1))
      var blocks = [BlockID(rawValue: 0)]
      blocks.withUnsafeMutableBufferPointer { table in
        var batch = SequenceBatch()
        batch.tokens = [256, 72, 101, 108]
        batch.segments = [.init(slot: 0, blockTable: table.baseAddress!, position: 0, count: 4, row: 0)]
        batch.logitRows = [3]
        let logits = Array(model.forward(batch))
        #expect(logits.count == 32_000 && logits.allSatisfy { $0.isFinite && $0.magnitude < 1_000 })
        #expect(Set(logits).count > 1_000, "\(Set(logits).count) different logits")
      }
    }
  }

  @Test("the tokenizer gives every byte a token and puts the begin token in front")
  func tokenizer() throws {
    try withPack(.stories15M, .w4a8) { pack in
      let tokenizer = try #require(pack.tokenizer)
      let ids = tokenizer.encode("Aé", addBeginToken: tokenizer.addsBeginToken)
      #expect(ids.map(\.rawValue) == [256, 0x41, 0xc3, 0xa9])
    }
  }

  @Test("the same seed writes the same bytes, another one different ones")
  func seeds() throws {
    let (first, again) = (try bytes(seed: 1), try bytes(seed: 1))
    #expect(first == again)
    #expect(try bytes(seed: 2) != first)
  }

  private func bytes(seed: UInt64) throws -> Data {
    try withFile { path in
      try SyntheticPack(shape: .deitTiny, recipe: .w4a8, seed: seed).write(to: path)
      return try Data(contentsOf: URL(filePath: path))
    }
  }

  private func withPack(_ shape: SyntheticShape, _ recipe: Recipe, _ body: (ModelPack) throws -> Void) throws
  {
    try withFile { path in
      try SyntheticPack(shape: shape, recipe: recipe).write(to: path)
      try body(ModelPack(path: path))
    }
  }

  private func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = "\(FileManager.default.temporaryDirectory.path)/synthetic-\(UUID()).qpack"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }
}
