import KVBlocks
import Vocabulary

/// The generate requests of one decoder: who waits, who runs, and what runs next.
final class SequenceQueue {
  private let pool: BlockPool
  private let key: ModelKey
  private let slots: Int
  private var freeSlots: [Int]
  private var sequences: [JobID: ScheduledSequence] = [:]
  /// In order of arrival, as are the preempted ones.
  private var running: [ScheduledSequence] = []
  private var preempted: [ScheduledSequence] = []
  private var fresh = FairQueue<ScheduledSequence>()
  private var arrivals = 0
  private var steps = 0

  init(key: ModelKey, blocks: Int, slots: Int) {
    self.key = key
    self.slots = slots
    pool = BlockPool(capacity: blocks)
    freeSlots = Array((0..<slots).reversed())
  }

  /// The longest request that the cache can hold.
  var tokenLimit: Int { pool.capacity * BlockPool.tokensPerBlock }

  var load: ModelLoad {
    ModelLoad(
      waiting: sequences.count - running.count, running: running.count, blocks: pool.capacity,
      heldBlocks: pool.heldCount, cachedBlocks: pool.cachedCount)
  }

  func admit(_ request: SequenceRequest) {
    arrivals += 1
    let sequence = ScheduledSequence(request, arrival: arrivals)
    sequences[request.id] = sequence
    fresh.append(sequence, uid: request.uid)
  }

  /// Chooses the next step's work; see the module's article for the order.
  func nextStep(_ budget: StepBudget) -> [SequenceStep] {
    steps += 1
    startWaiting()
    var plan: [SequenceStep] = []
    var left = budget.tokens
    for sequence in inOrderOfService() where left > 0 {
      guard let progress = sequence.lifecycle.progress else { continue }  // preempted a moment ago
      let count = min(sequence.missing, budget.chunk, left)
      let victims = makeRoom(for: sequence, holding: progress.computedTokens + count)
      left += plan.reduce(0) { victims.contains($1.id) ? $0 + $1.tokens.count : $0 }
      plan.removeAll { victims.contains($0.id) }
      guard !victims.contains(sequence.id) else { continue }
      plan.append(sequence.step(computing: count, slot: progress.slot, from: progress.computedTokens))
      sequence.lastStep = steps
      left -= count
    }
    return plan
  }

  /// Notes that `steps` were computed; those of requests that have ended meanwhile are ignored.
  func record(_ steps: [SequenceStep]) {
    for step in steps {
      guard let sequence = sequences[step.id] else { continue }
      sequence.complete(step)
    }
  }

  func append(_ token: TokenID, to id: JobID) -> AppendOutcome {
    guard let sequence = sequences[id] else { preconditionFailure("\(id) has ended; it takes no token") }
    precondition(sequence.missing == 0, "\(id) takes a token while \(sequence.missing) are not computed")
    precondition(sequence.generated < sequence.request.maxNewTokens, "\(id) has reached its limit")
    sequence.append(token)
    return sequence.generated == sequence.request.maxNewTokens ? .reachedLimit : .continues
  }

  func finish(_ id: JobID) -> Usage {
    guard let sequence = sequences.removeValue(forKey: id) else { preconditionFailure("\(id) ends twice") }
    if let slot = sequence.lifecycle.finish() {
      running.removeAll { $0 === sequence }
      freeSlots.append(slot)
    } else {
      preempted.removeAll { $0 === sequence }
      fresh.removeAll(uid: sequence.request.uid) { $0 === sequence }
    }
    if sequence.hasStartedBefore {
      fresh.refund(sequence.request.uid, sequence.request.maxNewTokens - sequence.generated)
    }
    return sequence.usage
  }

  // MARK: Choosing

  /// Single missing tokens first, which is decoding; then longer gaps; the least recently served first in both.
  private func inOrderOfService() -> [ScheduledSequence] {
    let able = running.filter { $0.missing > 0 }
    return able.sorted {
      (min($0.missing, 2), $0.lastStep, $0.arrival) < (min($1.missing, 2), $1.lastStep, $1.arrival)
    }
  }

  /// Gives slots to waiting requests, as long as there is room for them and for the growth of those that run.
  private func startWaiting() {
    while let sequence = preempted.first, start(sequence) { preempted.removeFirst() }
    guard preempted.isEmpty else { return }
    while let sequence = fresh.next(), start(sequence) {
      fresh.takeFirst(of: sequence.request.uid, cost: sequence.charged)
    }
  }

  /// - Returns: Whether there was room.
  private func start(_ sequence: ScheduledSequence) -> Bool {
    guard let slot = freeSlots.last else { return false }
    let salt = PrefixSalt(uid: sequence.request.uid, modelVersion: key.rawValue)
    let table = BlockTable(pool: pool, salt: salt, reusingPrefixOf: sequence.tokens)
    let wanted = sequence.blocksWanted - table.blocks.count
    let promised = running.reduce(0) { $0 + max(0, $1.blocksWanted - $1.lifecycle.blocks.count) }
    guard running.isEmpty || wanted + promised <= pool.availableCount else { return false }
    sequence.start(with: table, slot: slot)
    freeSlots.removeLast()
    insert(sequence, into: &running)
    return true
  }

  private func insert(_ sequence: ScheduledSequence, into queue: inout [ScheduledSequence]) {
    let place = queue.firstIndex { $0.arrival > sequence.arrival } ?? queue.endIndex
    queue.insert(sequence, at: place)
  }

  /// Preempts the newest running requests until `sequence` has its blocks, or is preempted itself.
  private func makeRoom(for sequence: ScheduledSequence, holding tokens: Int) -> Set<JobID> {
    var victims: Set<JobID> = []
    while sequence.lifecycle.grow(toHold: tokens) != .grown {
      guard let victim = running.popLast() else { preconditionFailure("\(sequence.id) is not running") }
      precondition(!running.isEmpty, "\(sequence.id) was admitted, but \(tokens) tokens exceed the pool")
      freeSlots.append(victim.preempt())
      insert(victim, into: &preempted)
      victims.insert(victim.id)
      if victim === sequence { break }
    }
    return victims
  }

  // MARK: Checking

  /// Traps unless blocks, slots and places in the queues add up.
  func checkInvariants() {
    pool.checkInvariants()
    var owners: [BlockID: Int] = [:]
    for block in running.flatMap({ $0.lifecycle.blocks }) { owners[block, default: 0] += 1 }
    precondition(owners.count == pool.heldCount, "\(pool.heldCount) blocks held, \(owners.count) owned")
    for (block, count) in owners {
      precondition(pool.referenceCount(of: block) == count, "\(block) is referenced without an owner")
    }
    let used = running.compactMap { $0.lifecycle.progress?.slot }
    precondition(used.count == running.count, "a request without a slot runs")
    let known = (used + freeSlots).sorted()
    precondition(known == Array(0..<slots), "slots \(known) of \(slots)")
    let waiting = preempted + fresh.elements
    precondition(!waiting.contains { $0.lifecycle.progress != nil }, "a waiting request holds a slot")
    let places = Set((running + waiting).map(\.id))
    precondition(places == Set(sequences.keys), "a request is in no queue")
    precondition(places.count == running.count + waiting.count, "a request is in two queues")
    for (older, newer) in zip(running, running.dropFirst()) {
      precondition(older.arrival < newer.arrival, "the order of arrival is lost")
    }
  }
}
