import Scheduling
import Testing

@Suite("Fairness")
struct FairnessTests {
  @Test("a uid with few requests is not held up by one with many")
  func uids() {
    let engine = FakeEngine(models: [(llama, ModelResources(.decoder(blocks: 64, slots: 2)))])
    for request in generates(1...40, prompt: 100, new: 20) { admit(request, to: engine) }
    for request in generates(41...60, uid: 2, prompt: 100, new: 20) { admit(request, to: engine) }
    while engine.usages.count < 30, engine.step() != nil {}
    let (first, second) = (engine.computedByUID[1] ?? 0, engine.computedByUID[2] ?? 0)
    // Off by a round's credit and by what runs at the moment: two slots of 120 tokens each.
    #expect(abs(first - second) <= 256 + 2 * 120, "\(first) against \(second) tokens")
  }

  @Test("long requests of one uid count as much as many short ones of another")
  func tokensAreTheCost() {
    let engine = FakeEngine(models: [(llama, ModelResources(.decoder(blocks: 64, slots: 1)))])
    for request in generates(1...20, prompt: 800, new: 8) { admit(request, to: engine) }
    for request in generates(101...300, uid: 2, prompt: 72, new: 8) { admit(request, to: engine) }
    var steps = 0
    while steps < 500, engine.step() != nil { steps += 1 }
    let (first, second) = (engine.computedByUID[1] ?? 0, engine.computedByUID[2] ?? 0)
    // Off by a round's credit, and by one long request started and one that made its uid run into debt.
    #expect(min(first, second) > 1000 && abs(first - second) <= 1872, "\(first) against \(second) tokens")
  }

  @Test("models take turns by cost")
  func models() {
    let engine = FakeEngine(models: [
      (llama, ModelResources(.decoder(blocks: 64, slots: 4), cost: 10)),
      (vit, ModelResources(.vision(batch: 8), cost: 40)),
    ])
    for request in generates(1...4, prompt: 500, new: 100) { admit(request, to: engine) }
    for id in 11...200 { #expect(engine.admit(image(UInt64(id), tokens: 50)) == .admitted) }
    var costs: [ModelKey: Int] = [:]
    for _ in 0..<40 {
      guard let plan = engine.step() else { break }
      costs[plan.model, default: 0] += plan.tokens * (plan.model == vit ? 40 : 10)
    }
    let (decoder, vision) = (costs[llama] ?? 0, costs[vit] ?? 0)
    #expect(min(decoder, vision) > 0 && abs(decoder - vision) <= 2 * 16_000, "\(decoder) against \(vision)")
  }

  @Test("batches images up to the batch and the budget, fair by uid")
  func imageBatches() throws {
    let engine = FakeEngine(models: [(vit, ModelResources(.vision(batch: 4)))])
    for id in 1...10 { #expect(engine.admit(image(UInt64(id), tokens: 256)) == .admitted) }
    for id in 11...12 { #expect(engine.admit(image(UInt64(id), uid: 2, tokens: 256)) == .admitted) }
    let plan = try #require(engine.step(StepBudget(tokens: 2000, chunk: 64)))
    #expect(plan.work == .images([1, 11, 2, 12].map(JobID.init(rawValue:))) && plan.tokens == 1024)
    let small = try #require(engine.step(StepBudget(tokens: 600, chunk: 64)))
    #expect(small.work == .images([3, 4].map(JobID.init(rawValue:))))
    let single = try #require(engine.step(StepBudget(tokens: 10, chunk: 10)))
    #expect(single.work == .images([JobID(rawValue: 5)]), "an image above the budget runs alone")
  }

  private func admit(_ request: SequenceRequest, to engine: FakeEngine) {
    #expect(engine.admit(request) == .admitted)
  }
}
