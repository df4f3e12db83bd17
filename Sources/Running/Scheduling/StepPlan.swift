import KVBlocks

/// The work of one forward pass of one model.
public struct StepPlan: Equatable, Sendable {
  public enum Work: Equatable, Sendable {
    /// At least one sequence, each with at least one token.
    case sequences([SequenceStep])
    /// At least one image.
    case images([RequestID])
  }

  public let model: ModelKey
  public let work: Work
  /// Tokens to compute, images counted by their tokens.
  public let tokens: Int

  public init(model: ModelKey, work: Work, tokens: Int) {
    self.model = model
    self.work = work
    self.tokens = tokens
  }
}

/// What one sequence computes in a step.
public struct SequenceStep: Equatable, Sendable {
  public let id: RequestID
  /// Where the unfinished key group lives, in `0..<slots`; the same from start to preemption or end. The first
  /// step in a slot stands at a block border, so what another request left there is never read.
  public let slot: Int
  /// The cache pages of tokens `0..<position + tokens.count`; they may change from step to step.
  public let blocks: [BlockID]
  /// Tokens already in the cache.
  public let position: Int
  /// The tokens to compute; the first one stands at `position`.
  public let tokens: [Int32]
  /// Whether the last token is the newest known one, so that the next is sampled from its logits.
  public let needsLogits: Bool

  public init(
    id: RequestID, slot: Int, blocks: [BlockID], position: Int, tokens: [Int32], needsLogits: Bool
  ) {
    self.id = id
    self.slot = slot
    self.blocks = blocks
    self.position = position
    self.tokens = tokens
    self.needsLogits = needsLogits
  }
}
