import KVBlocks
import Vocabulary

/// The work of one forward pass of one model.
package struct StepPlan: Equatable, Sendable {
  package enum Work: Equatable, Sendable {
    /// At least one sequence, each with at least one token.
    case sequences([SequenceStep])
    /// At least one image.
    case images([JobID])
  }

  package let model: ModelKey
  package let work: Work
  /// Tokens to compute, images counted by their tokens.
  package let tokens: Int

  package init(model: ModelKey, work: Work, tokens: Int) {
    self.model = model
    self.work = work
    self.tokens = tokens
  }
}

/// What one sequence computes in a step.
package struct SequenceStep: Equatable, Sendable {
  package let id: JobID
  /// The sequence's place for its unfinished page, in `0..<slots`; the same from start to preemption or end.
  /// The first step in a slot begins at the border of a block, so what another request left there is never
  /// read.
  package let slot: Int
  /// The cache pages of tokens `0..<position + tokens.count`; they may change from step to step.
  package let blocks: [BlockID]
  /// Tokens already in the cache.
  package let position: Int
  /// The tokens to compute; the first one stands at `position`.
  package let tokens: [TokenID]
  /// Whether the last token is the newest known one, so that the next is sampled from its logits.
  package let needsLogits: Bool

  package init(
    id: JobID, slot: Int, blocks: [BlockID], position: Int, tokens: [TokenID], needsLogits: Bool
  ) {
    self.id = id
    self.slot = slot
    self.blocks = blocks
    self.position = position
    self.tokens = tokens
    self.needsLogits = needsLogits
  }
}
