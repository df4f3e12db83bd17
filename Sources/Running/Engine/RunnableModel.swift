import Kernels
import Models
import Packs
import Scheduling

/// A model built from a pack and ready to be handed to the engine's thread.
package struct RunnableModel: @unchecked Sendable {
  // Sendable: built on one thread, handed over once, and used by the engine's thread alone from then on.
  enum Kind {
    case vit(ViTModel)
    case llama(LlamaModel)
  }

  package let pack: ModelPack
  let kind: Kind

  /// How much one model computes at once and remembers; the tokens of a step are the engine's.
  package struct Limits: Sendable {
    /// Images of one step.
    package var imageBatch: Int
    /// Sequences that run at the same time.
    package var sequences: Int
    /// Bytes of key–value cache; a longer request than fits is refused.
    package var cacheBytes: Int

    package init(imageBatch: Int = 16, sequences: Int = 16, cacheBytes: Int = 256 << 20) {
      self.imageBatch = imageBatch
      self.sequences = sequences
      self.cacheBytes = cacheBytes
    }
  }

  /// Builds the model: maps its weights and reserves its working memory. May take long for a large model.
  init(_ pack: ModelPack, limits: Limits, stepTokens: Int, pool: WorkerPool) throws {
    self.pack = pack
    switch pack.configuration {
    case .vit: kind = .vit(try pack.makeViT(maxBatch: limits.imageBatch, pool: pool))
    case .llama(let configuration):
      let llama = LlamaLimits(
        stepTokens: stepTokens, sequences: limits.sequences, logitRows: limits.sequences,
        blocks: Self.blocks(configuration, pack.scheme, limits))
      kind = .llama(try pack.makeLlama(limits: llama, pool: pool))
    }
  }

  /// The fewest blocks a cache has: 1,024 tokens, or the whole context where that is less.
  private static let leastBlocks = 16

  /// Cache blocks: what the bytes allow, but enough for one useful sequence and at most every sequence's full context.
  private static func blocks(_ c: LlamaConfiguration, _ scheme: ModelScheme, _ limits: Limits) -> Int {
    let perContext = (c.context + 63) / 64
    let affordable = limits.cacheBytes / max(1, LlamaModel.cacheBytesPerBlock(c, scheme))
    return max(min(leastBlocks, perContext), min(affordable, perContext * limits.sequences))
  }

  /// Refuses a text that would leave the model's context: there are no rotary angles beyond it.
  func refusal(prompt: Int, generating count: Int) -> Refusal? {
    guard case .llama(let model) = kind else { return nil }
    let (tokens, overflow) = prompt.addingReportingOverflow(count)
    let context = model.configuration.context
    return overflow || tokens > context ? .tooLong(tokens: overflow ? .max : tokens, limit: context) : nil
  }

  /// What the scheduler has to know.
  var resources: ModelResources {
    switch kind {
    case .vit(let model): ModelResources(.vision(batch: model.maxBatch), cost: cost)
    case .llama(let model):
      ModelResources(.decoder(blocks: model.limits.blocks, slots: model.limits.sequences), cost: cost)
    }
  }

  /// Millions of multiplications per token, at least 1.
  private var cost: Int { max(1, pack.file.tensorBytes / 1_000_000) }
}

extension RunnableModel {
  /// Bytes beside the weights that a model of this pack reserves: cache, tables and activations; `Int.max` where that is
  /// more than can be counted.
  ///
  /// Computed before anything is allocated, because the sizes come from a file.
  ///
  /// - Parameter stepTokens: Tokens of a step: ``StepBudget/tokens`` of the engine.
  package static func workingBytes(_ pack: ModelPack, _ limits: Limits, stepTokens: Int) -> Int {
    let bytes =
      switch pack.configuration {
      case .vit(let c): workingBytes(c, limits)
      case .llama(let c): workingBytes(c, pack.scheme, limits, stepTokens)
      }
    return bytes < 0x1p60 ? Int(bytes) : .max
  }

  /// One image in flight for each thread and one for all together, and the batch's pixels and answers.
  private static func workingBytes(_ c: ViTConfiguration, _ limits: Limits) -> Double {
    let widest = max(3 * c.width, c.hidden, c.patchValues)
    let perPass = Double(c.tokens) * Double(4 * (2 * c.width + widest) + 2 * widest)
    let passes = Double(WorkerPool.availableThreads() + 1)
    return passes * perPass + 4 * Double(limits.imageBatch) * Double(c.pixelValues + c.classes + c.width)
  }

  private static func workingBytes(
    _ c: LlamaConfiguration, _ scheme: ModelScheme, _ limits: Limits, _ stepTokens: Int
  ) -> Double {
    let cache = Double(blocks(c, scheme, limits)) * Double(LlamaModel.cacheBytesPerBlock(c, scheme))
    let perToken = 4 * (2 * c.width + c.queryKeyValueWidth + c.heads * c.headSize + 3 * c.hidden)
    let logits = 4 * Double(limits.sequences) * Double(c.vocabulary)
    let rotary = 4 * Double(c.context) * Double(c.headSize)
    return cache + Double(stepTokens) * Double(perToken) + logits + rotary
  }
}
