import KVBlocks
import KVCache
import Models
import Packs
import Scheduling
import Vocabulary

/// The loop that owns models, schedule and jobs; confined to the engine's thread.
///
/// Each turn takes the commands that arrived, plans a step, computes it and sends events. When there has been
/// no work for 0.2 ms, it sleeps in the mailbox.
final class EngineLoop {
  private let options: Engine.Options
  private let mailbox: Mailbox<Engine.Command>
  private let update: ((inout EngineStatistics) -> Void) -> Void
  private var stopping: (drainUntil: ContinuousClock.Instant, completions: [@Sendable () -> Void])?
  /// Callbacks that ``report()`` runs after it has published the statistics, so that a client that hears of an
  /// end finds it counted.
  private var events: [() -> Void] = []

  var scheduler: Scheduler
  var models: [ModelKey: RunnableModel] = [:]
  var generations: [JobID: ActiveGeneration] = [:]
  var vectors: [JobID: ActiveVector] = [:]
  var statistics = EngineStatistics()
  let buffers = StepBuffers()
  private var draining: [ModelKey: [@Sendable () -> Void]] = [:]

  init(
    options: Engine.Options, mailbox: Mailbox<Engine.Command>, threads: Int,
    update: @escaping ((inout EngineStatistics) -> Void) -> Void
  ) {
    self.options = options
    self.mailbox = mailbox
    self.update = update
    scheduler = Scheduler(limits: options.admission)
  }

  /// Runs until a stop command has drained; refuses the commands that come later.
  func run() {
    var idle = true
    while true {
      let commands = mailbox.take(waiting: idle ? waitingTime : nil)
      for command in commands { handle(command) }
      let now = ContinuousClock.now
      endOverdue(now)
      if !commands.isEmpty || !events.isEmpty { report() }
      if finishedStopping(now) { break }
      let worked = step()
      // A client that sends one request after the other sends the next at once.
      if !idle, !worked { mailbox.expectMessage() }
      idle = !worked
      finishDraining()
      report()
      options.heartbeat()
    }
    for command in mailbox.close() { command.refuse() }
  }

  /// How long an idle loop sleeps: to the next deadline at most, so that a queued job's deadline is kept.
  private var waitingTime: Duration {
    let deadlines = generations.values.compactMap(\.job.deadline) + vectors.values.compactMap(\.job.deadline)
    let next = (deadlines + [stopping?.drainUntil].compactMap { $0 }).min()
    guard let next else { return options.heartbeatInterval }
    return max(.zero, min(options.heartbeatInterval, next - .now))
  }

  // MARK: Commands

  private func handle(_ command: Engine.Command) {
    switch command {
    case .add(let key, let model, let completion):
      models[key] = model
      scheduler.addModel(key, model.resources)
      statistics.models[key] = EngineStatistics.Model()
      model.model.warmUp()
      tell(completion)
    case .remove(let key, let completion):
      guard models[key] != nil else { return tell(completion) }
      draining[key, default: []].append(completion)
    case .generate(let job, let submitted): admit(job, submitted)
    case .vector(let job, let submitted): admit(job, submitted)
    case .cancel(let id, let reason): end(id, reason, now: .now)
    case .stop(let drainUntil, let completion):
      let (before, completions) = stopping ?? (drainUntil, [])
      stopping = (min(before, drainUntil), completions + [completion])
    }
  }

  private func admit(_ job: GenerationJob, _ submitted: ContinuousClock.Instant) {
    guard let model = accepting(job.model), let tokenizer = model.pack.tokenizer else {
      return tell { [closed] in job.sink(.refused(closed)) }
    }
    if let refusal = model.refusal(prompt: job.prompt.count, generating: job.maxTokens) {
      return tell { job.sink(.refused(refusal)) }
    }
    let request = SequenceRequest(
      id: job.id, uid: job.uid, model: job.model, prompt: job.prompt, maxNewTokens: job.maxTokens)
    if let refusal = refusal(scheduler.admit(request)) { return tell { job.sink(.refused(refusal)) } }
    generations[job.id] = ActiveGeneration(job, tokenizer: tokenizer, submitted: submitted)
  }

  private func admit(_ job: VectorJob, _ submitted: ContinuousClock.Instant) {
    guard let model = accepting(job.model) else { return tell { [closed] in job.sink(.refused(closed)) } }
    let admission: Admission
    switch (job.input, model.model) {
    case (.image(let image), .images(let images)):
      let expected = images.traits.inputSize
      precondition(image.size == expected, "\(job.id): an image of \(image.size), expected \(expected)")
      let request = ImageRequest(id: job.id, uid: job.uid, model: job.model, tokens: images.traits.tokens)
      admission = scheduler.admit(request)
    case (.prompt(let tokens), .sequences):
      if let refusal = model.refusal(prompt: tokens.count, generating: 0) {
        return tell { job.sink(.refused(refusal)) }
      }
      let request = SequenceRequest(
        id: job.id, uid: job.uid, model: job.model, prompt: tokens, maxNewTokens: 0)
      admission = scheduler.admit(request)
    case (.image, .sequences), (.prompt, .images):
      preconditionFailure("\(job.id): the input does not suit what the model can do")
    }
    if let refusal = refusal(admission) { return tell { job.sink(.refused(refusal)) } }
    vectors[job.id] = ActiveVector(job: job, clock: JobClock(submitted: submitted))
  }

  private func accepting(_ key: ModelKey) -> RunnableModel? {
    stopping == nil && draining[key] == nil ? models[key] : nil
  }

  private var closed: Refusal { stopping == nil ? .modelNotLoaded : .stopping }

  private func refusal(_ admission: Admission) -> Refusal? {
    switch admission {
    case .admitted: return nil
    case .tooLong(let tokens, let limit): return .tooLong(tokens: tokens, limit: limit)
    case .busy(let backlog):
      // Half of the time that the backlog takes at most, since requests may end before they reach their limits.
      // Before the first step has been timed, 1,000 tokens/s are assumed.
      let speed = max(1, statistics.speed ?? 1000)
      return .busy(retryAfter: .seconds(min(60, max(0.05, Double(backlog.tokens) / speed / 2))))
    }
  }

  // MARK: Ends

  /// Ends a job that is under way for a reason from outside.
  func end(_ id: JobID, _ reason: FinishReason, now: ContinuousClock.Instant) {
    guard let usage = scheduler.finish(id) else { return }
    if let generation = generations.removeValue(forKey: id) {
      finish(generation, usage, reason, text: "", now: now)
    } else if let vector = vectors.removeValue(forKey: id) {
      count(vector.job.model, reason: reason.rawValue)
      tell { vector.job.sink(.ended(reason)) }
    }
  }

  private func endOverdue(_ now: ContinuousClock.Instant) {
    let overdue =
      generations.values.filter { $0.job.deadline.map { $0 <= now } ?? false }.map(\.job.id)
      + vectors.values.filter { $0.job.deadline.map { $0 <= now } ?? false }.map(\.job.id)
    for id in overdue { end(id, .deadline, now: now) }
  }

  private func finishDraining() {
    for (key, completions) in draining where scheduler.requests(of: key).isEmpty {
      scheduler.removeModel(key)
      models[key] = nil
      statistics.models[key] = nil
      draining[key] = nil
      for completion in completions { tell(completion) }
    }
  }

  private func finishedStopping(_ now: ContinuousClock.Instant) -> Bool {
    guard let stopping else { return false }
    if now >= stopping.drainUntil {
      for id in Array(generations.keys) + Array(vectors.keys) { end(id, .shutdown, now: now) }
    }
    guard generations.isEmpty, vectors.isEmpty else { return false }
    for completion in draining.values.joined() { tell(completion) }
    for completion in stopping.completions { tell(completion) }
    report()
    return true
  }

  func count(_ key: ModelKey, reason: String) { statistics.models[key]?.requests[reason, default: 0] += 1 }

  /// Keeps a callback for the next ``report()``.
  func tell(_ event: @escaping () -> Void) { events.append(event) }

  /// Publishes the statistics, then runs the callbacks, so that a client that hears of an end finds it counted.
  private func report() {
    for key in models.keys { statistics.models[key]?.load = scheduler.load(of: key) }
    (statistics.backlogRequests, statistics.backlogTokens) = scheduler.backlog
    let snapshot = statistics
    update { $0 = snapshot }
    for event in events { event() }
    events.removeAll(keepingCapacity: true)
  }

  // MARK: Steps

  /// Computes one step; returns whether there was work.
  private func step() -> Bool {
    guard let plan = scheduler.nextStep(options.step), let model = models[plan.model] else { return false }
    let start = ContinuousClock.now
    switch (plan.work, model.model) {
    case (.sequences(let steps), .sequences(let sequences)):
      note(steps.map(\.id), start)
      compute(steps, plan, sequences)
    case (.images(let ids), .images(let images)):
      note(ids, start)
      compute(ids, plan, images)
    case (.sequences, .images), (.images, .sequences):
      preconditionFailure("\(plan.model): the plan does not suit what the model can do")
    }
    statistics.steps += 1
    statistics.stepTokens += plan.tokens
    statistics.busy += .now - start
    return true
  }

  private func note(_ ids: [JobID], _ now: ContinuousClock.Instant) {
    for id in ids {
      generations[id]?.clock.start(now)
      vectors[id]?.clock.start(now)
    }
  }
}
