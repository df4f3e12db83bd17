import KVCache
import Vocabulary

/// The tokens of one step: several sequences' consecutive new tokens, one sequence after another.
package struct SequenceBatch {
  /// Token ids, `segments[0]`'s first; each below the vocabulary size.
  package var tokens: [TokenID] = []
  /// Where each sequence's tokens stand; `row` counts from 0 in `tokens`.
  package var segments: [PagedKVCache.Segment] = []
  /// Rows whose logits are wanted, ascending.
  package var logitRows: [Int] = []

  package init() {}

  /// Empties the batch and keeps its memory.
  package mutating func removeAll() {
    tokens.removeAll(keepingCapacity: true)
    segments.removeAll(keepingCapacity: true)
    logitRows.removeAll(keepingCapacity: true)
  }
}

/// How much a model may compute and remember at once; memory is reserved for it at load.
package struct SequenceLimits: Sendable {
  /// Tokens of one step over all sequences.
  package var stepTokens: Int
  /// Sequences that may be running.
  package var sequences: Int
  /// Rows of logits that one step may ask for.
  package var logitRows: Int
  /// Cache blocks of 64 tokens, shared by all sequences.
  package var blocks: Int

  package init(stepTokens: Int, sequences: Int, logitRows: Int, blocks: Int) {
    self.stepTokens = stepTokens
    self.sequences = sequences
    self.logitRows = logitRows
    self.blocks = blocks
  }
}
