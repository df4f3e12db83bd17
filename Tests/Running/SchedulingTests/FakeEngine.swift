import KVBlocks
import Scheduling
import Testing
import Vocabulary

/// An engine without a model: it runs plans over a cache that stores tokens instead of keys and values, and
/// checks that each step finds exactly its own history there.
final class FakeEngine {
  var scheduler: Scheduler
  private(set) var outputs: [JobID: [TokenID]] = [:]
  private(set) var usages: [JobID: Usage] = [:]
  private(set) var computedByUID: [UInt32: Int] = [:]
  private var requests: [JobID: SequenceRequest] = [:]
  /// What each block holds: all tokens up to its end, because keys and values depend on them.
  private var blocks: [ModelKey: [BlockID: [TokenID]]] = [:]
  private var tails: [ModelKey: [Int: [TokenID]]] = [:]
  private var uids: [JobID: UInt32] = [:]

  init(
    limits: AdmissionLimits = AdmissionLimits(
      requests: 1000, tokens: 1_000_000, requestsPerUID: 1000, tokensPerUID: 1_000_000),
    models: [(ModelKey, ModelResources)]
  ) {
    scheduler = Scheduler(limits: limits)
    for (key, resources) in models { scheduler.addModel(key, resources) }
  }

  func admit(_ request: SequenceRequest) -> Admission {
    let admission = scheduler.admit(request)
    if admission == .admitted {
      requests[request.id] = request
      uids[request.id] = request.uid
      outputs[request.id] = []
    }
    return admission
  }

  func admit(_ request: ImageRequest) -> Admission {
    let admission = scheduler.admit(request)
    if admission == .admitted { uids[request.id] = request.uid }
    return admission
  }

  /// The tokens of a request so far.
  func tokens(of id: JobID) -> [TokenID] { (requests[id]?.prompt ?? []) + (outputs[id] ?? []) }

  /// One turn of the engine's loop.
  ///
  /// - Returns: The plan that was run, or `nil` if there was nothing to do.
  func step(_ budget: StepBudget = StepBudget(tokens: 256, chunk: 100)) -> StepPlan? {
    guard let plan = scheduler.nextStep(budget) else { return nil }
    switch plan.work {
    case .sequences(let steps):
      for step in steps { compute(step, model: plan.model) }
      scheduler.record(plan)
      for step in steps where step.needsLogits { sample(after: step.id) }
    case .images(let ids):
      scheduler.record(plan)
      for id in ids {
        computedByUID[uids[id] ?? 0, default: 0] += plan.tokens / ids.count
        end(id)
      }
    }
    return plan
  }

  func end(_ id: JobID) {
    guard let usage = scheduler.finish(id) else { return }
    usages[id] = usage
  }

  private func compute(_ step: SequenceStep, model: ModelKey) {
    let history = tokens(of: step.id)
    let end = step.position + step.tokens.count
    #expect(step.tokens == Array(history[step.position..<end]), "\(step.id) computes other tokens")
    #expect(step.needsLogits == (end == history.count))
    // At a block border there is no tail, whatever another request left in the slot.
    var tail = step.position % BlockPool.tokensPerBlock == 0 ? [] : tails[model]?[step.slot] ?? []
    let finished = step.position / BlockPool.tokensPerBlock
    #expect(tail == Array(history[finished * 64..<step.position]), "\(step.id) finds another tail")
    for index in 0..<finished {
      let contents = blocks[model]?[step.blocks[index]] ?? []
      guard !contents.elementsEqual(history[..<((index + 1) * 64)]) else { continue }
      Issue.record("\(step.id) finds another block \(index)")  // #expect is slow in so hot a loop
    }
    for (offset, token) in step.tokens.enumerated() {
      tail.append(token)
      guard tail.count == BlockPool.tokensPerBlock else { continue }
      let count = step.position + offset + 1
      blocks[model, default: [:]][step.blocks[count / 64 - 1]] = Array(history[..<count])
      tail = []
    }
    tails[model, default: [:]][step.slot] = tail
    computedByUID[uids[step.id] ?? 0, default: 0] += step.tokens.count
  }

  private func sample(after id: JobID) {
    guard let request = requests[id], request.maxNewTokens > 0 else { return end(id) }
    let token = nextToken(after: tokens(of: id))
    guard token != stopToken else { return end(id) }
    outputs[id]?.append(token)
    if scheduler.append(token, to: id) == .reachedLimit { end(id) }
  }
}

let stopToken: TokenID = 0

/// The fake model: a token that depends on every earlier one, in order; about one in 2000 is the stop token.
func nextToken(after tokens: [TokenID]) -> TokenID {
  var hash: UInt32 = 2_166_136_261
  for token in tokens { hash = (hash ^ UInt32(bitPattern: token.rawValue)) &* 16_777_619 }
  return TokenID(Int32((hash >> 7) % 2000))
}

/// What the fake model answers when nobody else is served.
func expectedOutput(_ request: SequenceRequest) -> [TokenID] {
  var tokens = request.prompt
  for _ in 0..<request.maxNewTokens {
    let token = nextToken(after: tokens)
    guard token != stopToken else { break }
    tokens.append(token)
  }
  return Array(tokens.dropFirst(request.prompt.count))
}

let llama = ModelKey(rawValue: 1)
let vit = ModelKey(rawValue: 2)

func generate(
  _ id: UInt64, uid: UInt32 = 1, model: ModelKey = llama, prompt: Int, new: Int, seed: Int32 = 1
) -> SequenceRequest {
  let tokens = (0..<Int32(prompt)).map { TokenID(1 + ($0 &* 7 &+ seed &* 13) % 250) }
  let id = JobID(rawValue: id)
  return SequenceRequest(id: id, uid: uid, model: model, prompt: tokens, maxNewTokens: new)
}

/// Requests that differ in their prompts, so that nothing is shared.
func generates(_ ids: ClosedRange<UInt64>, uid: UInt32 = 1, prompt: Int, new: Int) -> [SequenceRequest] {
  ids.map { generate($0, uid: uid, prompt: prompt, new: new, seed: Int32($0)) }
}

func image(_ id: UInt64, uid: UInt32 = 1, tokens: Int = 64) -> ImageRequest {
  ImageRequest(id: JobID(rawValue: id), uid: uid, model: vit, tokens: tokens)
}
