import KVCache
import Kernels
import Models
import Packs
import Vocabulary

/// A language model with sequences that have seen `context` tokens, ready to prefill or decode again and
/// again.
final class SequenceRun {
  let model: any SequenceModel
  let filled: FilledCache
  private var batch = SequenceBatch()

  /// - Parameters:
  ///   - stepTokens: The most tokens of one step.
  init(_ pack: ModelPack, sequences: Int, context: Int, stepTokens: Int, pool: WorkerPool) throws {
    let limits = SequenceLimits(
      stepTokens: stepTokens, sequences: sequences, logitRows: sequences,
      blocks: FilledCache.blocks(sequences: sequences, context: max(context, stepTokens)))
    model = try pack.makeSequenceModel(limits: limits, pool: pool, context: context + 1)
    let shape = model.cache.shape
    filled = FilledCache(
      model.cache,
      FilledCache.Rows(
        heads: model.queryHeads, keyValueHeads: shape.keyValueHeads, headSize: shape.headSize),
      context: context,
      pool: pool)
  }

  /// Computes one new token for every sequence, always at the same position.
  func decode() {
    batch.removeAll()
    for slot in 0..<model.limits.sequences {
      append(slot: slot, position: filled.context, count: 1)
    }
    sink(model.forward(batch)[0])
  }

  /// Computes the first `count` tokens of sequence 0, and the logits of the last.
  func prefill(_ count: Int) {
    batch.removeAll()
    append(slot: 0, position: 0, count: count)
    sink(model.forward(batch)[0])
  }

  private func append(slot: Int, position: Int, count: Int) {
    let row = batch.tokens.count
    batch.segments.append(filled.segment(slot: slot, position: position, count: count, row: row))
    // Tokens all over the vocabulary, so that rows of the embedding are not in a cache by accident.
    for index in 0..<count {
      batch.tokens.append(TokenID(Int32((row + index + 1) * 7_919 % model.traits.vocabulary)))
    }
    batch.logitRows.append(batch.tokens.count - 1)
  }
}
