import KVBlocks
import Vocabulary

/// One admitted generate request: what it asked for, its tokens so far, and where it stands.
final class ScheduledSequence {
  let request: SequenceRequest
  /// Its place in the order of arrival; the newest running request is the first to lose its blocks.
  let arrival: Int
  /// The prompt and what was generated; kept over preemptions.
  private(set) var tokens: [TokenID]
  var lifecycle = RequestLifecycle()
  /// The last step that served it; the sequence that has waited longest is served first.
  var lastStep = 0
  /// Tokens that the uid pays for; 0 before the first start.
  private(set) var charged = 0
  private(set) var cachedTokens = 0
  private(set) var preemptions = 0

  init(_ request: SequenceRequest, arrival: Int) {
    self.request = request
    self.arrival = arrival
    tokens = request.prompt
  }

  var id: JobID { request.id }
  var generated: Int { tokens.count - request.prompt.count }
  /// A preempted sequence has paid already.
  var hasStartedBefore: Bool { charged > 0 }

  /// Tokens that are known and not in the cache; 0 unless running.
  var missing: Int {
    guard let progress = lifecycle.progress else { return 0 }
    return tokens.count - progress.computedTokens
  }

  /// Blocks for its known tokens and for one more token, which it generates next.
  var blocksWanted: Int {
    BlockPool.blocks(holding: min(tokens.count + BlockPool.tokensPerBlock, request.tokenLimit))
  }

  var usage: Usage {
    Usage(
      promptTokens: request.prompt.count, completionTokens: generated, cachedTokens: cachedTokens,
      preemptions: preemptions)
  }

  /// Starts to run in `slot`. The first start fixes what the uid pays: all tokens that are left to compute or
  /// generate.
  func start(with table: consuming BlockTable, slot: Int) {
    let cached = table.filedTokens
    lifecycle.start(with: table, slot: slot)
    guard !hasStartedBefore else { return }
    cachedTokens = cached
    charged = request.tokenLimit - cached
  }

  /// - Returns: The slot, free from now on.
  func preempt() -> Int {
    preemptions += 1
    return lifecycle.preempt()
  }

  func append(_ token: TokenID) { tokens.append(token) }

  /// The next `count` tokens as an entry of a plan.
  func step(computing count: Int, slot: Int, from position: Int) -> SequenceStep {
    SequenceStep(
      id: id, slot: slot, blocks: lifecycle.blocks, position: position,
      tokens: Array(tokens[position..<position + count]), needsLogits: position + count == tokens.count)
  }

  /// Notes that `step` was computed.
  func complete(_ step: SequenceStep) {
    lifecycle.advance(to: step.position + step.tokens.count, of: tokens)
  }
}
