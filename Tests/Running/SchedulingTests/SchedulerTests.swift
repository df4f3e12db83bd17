import KVBlocks
import Scheduling
import Testing

@Suite("Scheduler")
struct SchedulerTests {
  static let roomy = ModelResources(.decoder(blocks: 64, slots: 4))
  static let tight = ModelResources(.decoder(blocks: 4, slots: 4))

  // MARK: Steps

  @Test("has nothing to do when idle")
  func idle() {
    let engine = FakeEngine(models: [(llama, Self.roomy)])
    #expect(engine.step() == nil)
    #expect(engine.admit(generate(1, prompt: 10, new: 2)) == .admitted)
    while engine.step() != nil {}
    #expect(engine.step() == nil && engine.usages.count == 1)
  }

  @Test("decodes before it fills prompts, and fills those in chunks")
  func decodesFirst() throws {
    let engine = FakeEngine(models: [(llama, Self.roomy)])
    let budget = StepBudget(tokens: 64, chunk: 40)
    #expect(engine.admit(generate(1, prompt: 10, new: 50)) == .admitted)
    _ = engine.step(budget)
    #expect(engine.admit(generate(2, prompt: 100, new: 5)) == .admitted)
    #expect(engine.admit(generate(3, prompt: 100, new: 5, seed: 9)) == .admitted)
    let plan = try #require(engine.step(budget))
    #expect(counts(plan) == [1, 40, 23])
    let next = try #require(engine.step(budget))
    #expect(counts(next) == [1, 40, 23])
  }

  @Test("asks for logits only where the newest token is computed")
  func logits() throws {
    let engine = FakeEngine(models: [(llama, Self.roomy)])
    #expect(engine.admit(generate(1, prompt: 100, new: 5)) == .admitted)
    let first = try #require(engine.step(StepBudget(tokens: 64, chunk: 64)))
    let second = try #require(engine.step(StepBudget(tokens: 64, chunk: 64)))
    #expect(steps(first).map(\.needsLogits) == [false] && steps(second).map(\.needsLogits) == [true])
  }

  @Test("a second request with the same prompt computes only its last block")
  func reusesPrefix() throws {
    let engine = FakeEngine(models: [(llama, Self.roomy)])
    #expect(engine.admit(generate(1, prompt: 200, new: 1)) == .admitted)
    while engine.step() != nil {}
    #expect(engine.admit(generate(2, prompt: 200, new: 1)) == .admitted)
    #expect(engine.admit(generate(3, uid: 2, prompt: 200, new: 1)) == .admitted)
    while engine.step() != nil {}
    #expect(engine.usages[JobID(rawValue: 2)]?.cachedTokens == 192)
    #expect(engine.usages[JobID(rawValue: 3)]?.cachedTokens == 0, "another uid's prefix was used")
  }

  // MARK: Preemption

  @Test("a preempted request resumes with identical tokens")
  func preemptionKeepsTokens() {
    let engine = FakeEngine(models: [(llama, Self.tight)])
    let requests = [generate(1, prompt: 60, new: 130), generate(2, prompt: 60, new: 130, seed: 5)]
    for request in requests { #expect(engine.admit(request) == .admitted) }
    while engine.step() != nil { engine.scheduler.checkInvariants() }
    for request in requests { #expect(engine.outputs[request.id] == expectedOutput(request)) }
    #expect(engine.usages[JobID(rawValue: 1)]?.preemptions == 0)
    #expect((engine.usages[JobID(rawValue: 2)]?.preemptions ?? 0) > 0)
  }

  // MARK: Ending

  @Test("cancelling frees everything in each phase", arguments: ["queued", "prefill", "decode"])
  func cancels(phase: String) {
    let engine = FakeEngine(models: [(llama, ModelResources(.decoder(blocks: 16, slots: 1)))])
    let (neighbour, victim) = (generate(1, prompt: 20, new: 30), generate(2, prompt: 300, new: 30, seed: 3))
    let order = phase == "queued" ? [neighbour, victim] : [victim, neighbour]
    for request in order { #expect(engine.admit(request) == .admitted) }
    let steps = phase == "decode" ? 6 : 1
    for _ in 0..<steps { _ = engine.step() }
    engine.end(victim.id)
    engine.scheduler.checkInvariants()
    while engine.step() != nil {}
    #expect(engine.outputs[neighbour.id] == expectedOutput(neighbour))
    #expect(engine.scheduler.load(of: llama).heldBlocks == 0 && engine.scheduler.backlog == (0, 0))
  }

  @Test("ending a request twice is harmless")
  func endsTwice() {
    let engine = FakeEngine(models: [(llama, Self.roomy)])
    #expect(engine.admit(generate(1, prompt: 10, new: 2)) == .admitted)
    let first = engine.scheduler.finish(JobID(rawValue: 1))
    let second = engine.scheduler.finish(JobID(rawValue: 1))
    #expect(first != nil && second == nil)
  }

  @Test("a request that ends between a plan and its record leaves its neighbours alone")
  func endsDuringStep() throws {
    let engine = FakeEngine(models: [(llama, Self.roomy)])
    #expect(engine.admit(generate(1, prompt: 70, new: 2)) == .admitted)
    #expect(engine.admit(generate(2, prompt: 70, new: 2, seed: 2)) == .admitted)
    let next = engine.scheduler.nextStep(StepBudget(tokens: 256, chunk: 128))
    let plan = try #require(next)
    engine.scheduler.finish(JobID(rawValue: 1))
    engine.scheduler.record(plan)
    engine.scheduler.checkInvariants()
    let outcome = engine.scheduler.append(3, to: JobID(rawValue: 2))
    #expect(outcome == .continues)
  }

  @Test("a model is removed when its requests have ended, and can come back")
  func removesModel() {
    let engine = FakeEngine(models: [(llama, Self.roomy)])
    #expect(engine.admit(generate(1, prompt: 10, new: 2)) == .admitted)
    #expect(engine.scheduler.requests(of: llama) == [JobID(rawValue: 1)])
    engine.end(JobID(rawValue: 1))
    engine.scheduler.removeModel(llama)
    engine.scheduler.addModel(llama, Self.roomy)
    #expect(engine.admit(generate(2, prompt: 10, new: 2)) == .admitted)
  }

  private func steps(_ plan: StepPlan) -> [SequenceStep] {
    guard case .sequences(let steps) = plan.work else { return [] }
    return steps
  }

  private func counts(_ plan: StepPlan) -> [Int] { steps(plan).map(\.tokens.count) }
}
