import Architectures
import Kernels
import Packs

// Here alone a family becomes the class that computes it.
extension ModelPack {
  /// Builds the runnable model: maps its weights and reserves its working memory. May take long for a large model.
  ///
  /// - Parameter stepTokens: Tokens of a step.
  /// - Throws: ``ModelError`` where a tensor is missing or does not fit the configuration.
  package func makeModel(_ limits: ModelLimits, stepTokens: Int, pool: WorkerPool) throws -> CapableModel {
    switch configuration {
    case .vision: return .images(try makeImageModel(maxBatch: limits.imageBatch, pool: pool))
    case .decoder(let decoder):
      let sequences = SequenceLimits(
        stepTokens: stepTokens, sequences: limits.sequences, logitRows: limits.sequences,
        blocks: limits.blocks(decoder, scheme))
      return .sequences(try makeSequenceModel(limits: sequences, pool: pool))
    }
  }

  /// Builds the runnable classifier.
  package func makeImageModel(maxBatch: Int, pool: WorkerPool) throws -> any ImageModel {
    guard case .vision(let vision) = configuration else {
      throw ModelError.wrongCapability(found: configuration.architecture, needed: .images)
    }
    return try ViTModel(
      configuration: vision, scheme: scheme, maxBatch: maxBatch, pool: pool, tensor: { file[$0] })
  }

  /// Builds the runnable language model.
  ///
  /// - Parameter context: Positions to allow where that is more than the model was made for: what it says there
  ///   means little, what it costs can be measured.
  package func makeSequenceModel(
    limits: SequenceLimits, pool: WorkerPool, context: Int = 0
  ) throws -> any SequenceModel {
    guard case .decoder(var decoder) = configuration else {
      throw ModelError.wrongCapability(found: configuration.architecture, needed: .sequences)
    }
    decoder.context = max(decoder.context, context)
    return try DecoderModel(
      configuration: decoder, scheme: scheme, limits: limits, pool: pool, tensor: { file[$0] })
  }
}
