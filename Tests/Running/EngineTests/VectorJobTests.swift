import Engine
import ImageProcessing
import KVBlocks
import KVCache
import Kernels
import ModelFixtures
import Models
import Packs
import TestSupport
import Testing
import Vocabulary

@Suite("Images and embeddings")
struct VectorJobTests {
  private static func image(_ samples: [UInt8], _ size: ImageSize) throws -> PreparedImage {
    let image = Image(
      width: size.width, height: size.height, channels: 3, samples: .eight(samples[...]), maxValue: 255)
    return try preprocess(
      image, ImagePreprocessing(mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.3, 0.4]), size: size)
  }

  @Test("give each image what the model gives it alone, in any company")
  func images() async throws {
    let pack = try TinyPack.vit().open()
    let model = try pack.makeImageModel(maxBatch: 1, pool: WorkerPool(threads: 1))
    var random = SeededGenerator(seed: 9)
    let size = model.traits.inputSize
    let images = try (0..<11).map { _ in try Self.image(random.uint8s(3 * size.width * size.height), size) }
    let expected = images.map { image in
      let logits = Array(model.classify(image.planes(), count: 1))
      return (logits, Array(model.embedding(0)))
    }
    let bench = try await EngineBench(pack, threads: 2)
    let jobs = images.map { bench.vector(.image($0)) }
    for (index, job) in jobs.enumerated() {
      guard case .result(let logits, let embedding, let timings) = await job.result() else {
        Issue.record("image \(index) was not answered")
        continue
      }
      #expect(logits == expected[index].0 && embedding == expected[index].1, "image \(index)")
      #expect(timings.total > .zero)
    }
    await bench.settle()
    #expect(bench.engine.snapshot().models[bench.model]?.images == 11)
    await bench.stop()
  }

  @Test("embed a prompt as the last token's final hidden state, in any chunking")
  func embeddings() async throws {
    let pack = try TinyPack.llama().open()
    let prompts: [[TokenID]] = [[257], [257, 5, 6, 7], [257] + (0..<100).map { TokenID($0) }]
    let bench = try await EngineBench(pack)
    let jobs = prompts.map { bench.vector(.prompt($0)) }
    for (prompt, job) in zip(prompts, jobs) {
      guard case .result(let logits, let embedding, _) = await job.result() else {
        Issue.record("\(prompt.count) tokens were not answered")
        continue
      }
      #expect(logits.isEmpty)
      #expect(embedding == (try hidden(pack, prompt)), "\(prompt.count) tokens")
    }
    await bench.stop()
  }

  @Test("work beside each other and beside generations of another model")
  func mixed() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    let classifier = try TinyPack.vit().open()
    let grey = try Self.image([UInt8](repeating: 100, count: 192), ImageSize(height: 8, width: 8))
    let key = bench.engine.makeModelKey()
    let runnable = try bench.engine.prepare(
      classifier, limits: .init(imageBatch: 2, sequences: 1, cacheBytes: 0))
    await withCheckedContinuation { done in bench.engine.add(runnable, as: key) { done.resume() } }
    let alone = await bench.generate([257, 8], maxTokens: 40).transcript().tokens
    let job = bench.generate([257, 8], maxTokens: 40)
    let (stream, continuation) = AsyncStream.makeStream(of: Bool.self)
    for _ in 0..<6 {
      bench.engine.submit(
        VectorJob(
          id: bench.engine.makeJobID(), uid: 2, model: key,
          input: .image(grey)
        ) { event in
          if case .result = event { continuation.yield(true) } else { continuation.yield(false) }
        })
    }
    var answers = 0
    for await isResult in stream.prefix(6) where isResult { answers += 1 }
    #expect(answers == 6)
    #expect(await job.transcript().tokens == alone)
    await bench.stop()
  }

  /// The final hidden state of the prompt's last token, computed in one step.
  private func hidden(_ pack: ModelPack, _ prompt: [TokenID]) throws -> [Float] {
    let limits = SequenceLimits(stepTokens: prompt.count, sequences: 1, logitRows: 1, blocks: 2)
    let model = try pack.makeSequenceModel(limits: limits, pool: WorkerPool(threads: 1))
    var batch = SequenceBatch()
    batch.tokens = prompt
    batch.logitRows = [prompt.count - 1]
    let table = [BlockID(rawValue: 0), BlockID(rawValue: 1)]
    table.withUnsafeBufferPointer { table in
      batch.segments = [
        PagedKVCache.Segment(
          slot: 0, blockTable: table.baseAddress!, position: 0, count: prompt.count, row: 0)
      ]
      _ = model.forward(batch)
    }
    var result = [Float](repeating: 0, count: model.traits.width)
    model.copyHidden(row: prompt.count - 1, to: &result)
    return result
  }
}
