import Architectures
import KVCache

/// A model that continues sequences of tokens and keeps their keys and values in a paged cache.
///
/// Confined to one thread at a time. Whoever runs steps makes one call a step; nothing below it is dynamic.
package protocol SequenceModel: AnyObject {
  var traits: SequenceTraits { get }
  var limits: SequenceLimits { get }
  var cache: PagedKVCache { get }
  /// Heads of queries; several may share one of the cache's.
  var queryHeads: Int { get }

  /// Computes one step.
  ///
  /// - Returns: Logits `[batch.logitRows.count, vocabulary]`, valid until the next call.
  /// - Precondition: The batch fits `limits`, and each segment's block table covers its positions.
  func forward(_ batch: SequenceBatch) -> UnsafeBufferPointer<Float>

  /// The final hidden state of `row` of the last step, normalized, `[width]`: what `embed` answers.
  func copyHidden(row: Int, to output: UnsafeMutablePointer<Float>)
}
