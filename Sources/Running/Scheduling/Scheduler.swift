import Vocabulary

/// Continuous batching for the models of one machine; see the module's article for the engine's loop.
///
/// No clock, no I/O, no locks: requests go in, step plans come out. It belongs to the thread that runs the
/// engine, and cannot be copied, because its blocks and slots exist once.
package struct Scheduler: ~Copyable {
  private enum Queue {
    case sequences(SequenceQueue)
    case images(ImageQueue)
  }

  private struct Model {
    let queue: Queue
    let cost: Int
  }

  /// Where an admitted request is, and what it counts for until it ends.
  private struct Ticket {
    let model: ModelKey
    let uid: UInt32
    let tokens: Int
  }

  private var ledger: AdmissionLedger
  private var models: [ModelKey: Model] = [:]
  // In tokens times cost: a model whose steps cost more than this gives its turn away after one, a cheaper one
  // keeps it for several.
  private var turns = DeficitRoundRobin<ModelKey>(quantum: 1024)
  private var tickets: [JobID: Ticket] = [:]

  package init(limits: AdmissionLimits) { ledger = AdmissionLedger(limits: limits) }

  // MARK: Models

  /// Makes room for a loaded model.
  package mutating func addModel(_ key: ModelKey, _ resources: ModelResources) {
    precondition(models[key] == nil, "\(key) is added twice")
    let queue: Queue =
      switch resources.kind {
      case .decoder(let blocks, let slots):
        .sequences(SequenceQueue(key: key, blocks: blocks, slots: slots))
      case .vision(let batch): .images(ImageQueue(batch: batch))
      }
    models[key] = Model(queue: queue, cost: resources.cost)
  }

  /// Forgets a model, and the prefixes cached for it.
  ///
  /// - Precondition: No request of the model is under way; end those in ``requests(of:)`` first.
  package mutating func removeModel(_ key: ModelKey) {
    let left = requests(of: key)
    precondition(left.isEmpty, "\(key) is removed while \(left.count) requests are under way")
    models[key] = nil
  }

  /// Requests of a model that were admitted and have not ended, in order of their ids.
  package func requests(of key: ModelKey) -> [JobID] {
    tickets.filter { $0.value.model == key }.keys.sorted()
  }

  /// How busy a model is.
  package func load(of key: ModelKey) -> ModelLoad {
    switch model(key).queue {
    case .sequences(let queue): queue.load
    case .images(let queue): queue.load
    }
  }

  /// Requests under way in all models, and the most tokens that they can compute.
  package var backlog: (requests: Int, tokens: Int) { (ledger.requests, ledger.tokens) }

  // MARK: Requests

  /// Lets a request in, if the limits and the model's cache allow it. An admitted request always gets its turn.
  package mutating func admit(_ request: SequenceRequest) -> Admission {
    guard case .sequences(let queue) = model(request.model).queue else {
      preconditionFailure("\(request.id) is to generate with a vision model")
    }
    let ticket = Ticket(model: request.model, uid: request.uid, tokens: request.tokenLimit)
    let admission = enter(request.id, ticket, tokenLimit: queue.tokenLimit)
    if admission == .admitted { queue.admit(request) }
    return admission
  }

  /// Lets an image in, if the limits allow it.
  package mutating func admit(_ request: ImageRequest) -> Admission {
    guard case .images(let queue) = model(request.model).queue else {
      preconditionFailure("\(request.id) is an image for a decoder")
    }
    let ticket = Ticket(model: request.model, uid: request.uid, tokens: request.tokens)
    let admission = enter(request.id, ticket, tokenLimit: .max)
    if admission == .admitted { queue.admit(request) }
    return admission
  }

  /// Whether the request was admitted and has not ended.
  package func contains(_ id: JobID) -> Bool { tickets[id] != nil }

  /// Adds the token that was sampled after the newest one.
  ///
  /// - Precondition: The request is under way, all its tokens are computed, and it has not reached its limit.
  package mutating func append(_ token: TokenID, to id: JobID) -> AppendOutcome {
    guard let ticket = tickets[id], case .sequences(let queue) = model(ticket.model).queue else {
      preconditionFailure("\(id) is no sequence under way")
    }
    return queue.append(token, to: id)
  }

  /// Ends a request, whatever it is doing. Its slot and blocks are free at once; its prefix stays cached.
  ///
  /// - Returns: What it used; `nil` if it had ended before, so that a late cancellation does nothing.
  @discardableResult
  package mutating func finish(_ id: JobID) -> Usage? {
    guard let ticket = tickets.removeValue(forKey: id) else { return nil }
    ledger.leave(uid: ticket.uid, tokens: ticket.tokens)
    switch model(ticket.model).queue {
    case .sequences(let queue): return queue.finish(id)
    case .images(let queue): return queue.finish(id)
    }
  }

  private mutating func enter(_ id: JobID, _ ticket: Ticket, tokenLimit: Int) -> Admission {
    precondition(tickets[id] == nil, "\(id) is admitted twice")
    let limit = min(tokenLimit, ledger.tokenLimit)
    guard ticket.tokens <= limit else { return .tooLong(tokens: ticket.tokens, limit: limit) }
    if let backlog = ledger.obstacle(uid: ticket.uid, tokens: ticket.tokens) { return .busy(backlog) }
    ledger.enter(uid: ticket.uid, tokens: ticket.tokens)
    tickets[id] = ticket
    turns.join(ticket.model)
    return .admitted
  }

  private func model(_ key: ModelKey) -> Model {
    guard let model = models[key] else { preconditionFailure("\(key) was not added") }
    return model
  }

  // MARK: Steps

  /// Chooses what to compute next: work of the one model whose turn it is.
  ///
  /// - Returns: `nil` if nothing can be computed before a request is admitted, gets a token or ends.
  /// - Complexity: O(running · log running) plus the blocks that change hands.
  package mutating func nextStep(_ budget: StepBudget) -> StepPlan? {
    var candidates = Set(tickets.values.map(\.model))
    while let key = turns.next(where: { candidates.contains($0) }) {
      if let plan = plan(for: key, budget) {
        turns.charge(key, plan.tokens * model(key).cost)
        return plan
      }
      candidates.remove(key)
    }
    return nil
  }

  private func plan(for key: ModelKey, _ budget: StepBudget) -> StepPlan? {
    switch model(key).queue {
    case .sequences(let queue):
      let steps = queue.nextStep(budget)
      let tokens = steps.reduce(0) { $0 + $1.tokens.count }
      return steps.isEmpty ? nil : StepPlan(model: key, work: .sequences(steps), tokens: tokens)
    case .images(let queue):
      let images = queue.nextStep(budget)
      let tokens = images.reduce(0) { $0 + $1.tokens }
      return images.isEmpty ? nil : StepPlan(model: key, work: .images(images.map(\.id)), tokens: tokens)
    }
  }

  /// Notes that the plan's forward pass is done, before its tokens are appended; requests that ended since the
  /// plan was made are skipped.
  package mutating func record(_ plan: StepPlan) {
    switch (plan.work, models[plan.model]?.queue) {
    case (.sequences(let steps), .sequences(let queue)): queue.record(steps)
    case (.sequences, nil), (.images, _): break  // an image leaves nothing behind
    case (.sequences, .images): preconditionFailure("\(plan.model) is a vision model")
    }
  }

  // MARK: Checking

  /// Traps unless every block, slot, token and request is accounted for exactly once.
  package func checkInvariants() {
    ledger.checkInvariants()
    precondition(ledger.requests == tickets.count, "\(ledger.requests) requests, \(tickets.count) tickets")
    for (key, model) in models {
      switch model.queue {
      case .sequences(let queue): queue.checkInvariants()
      case .images(let queue): queue.checkInvariants()
      }
      let (load, count) = (load(of: key), requests(of: key).count)
      precondition(load.waiting + load.running == count, "\(key): \(load), but \(count) requests")
    }
  }
}
