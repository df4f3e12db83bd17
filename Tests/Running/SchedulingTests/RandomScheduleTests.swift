import Scheduling
import TestSupport
import Testing

@Suite("Random schedules")
struct RandomScheduleTests {
  /// Few blocks for many slots, so that most steps are short of room.
  static let models: [(ModelKey, ModelResources)] = [
    (llama, ModelResources(.decoder(blocks: 12, slots: 6), cost: 3)),
    (vit, ModelResources(.vision(batch: 4), cost: 2)),
  ]
  static let limits = AdmissionLimits(requests: 40, tokens: 12_000, requestsPerUID: 20, tokensPerUID: 8_000)

  @Test("every answer equals the one of an idle machine, and everything is given back", arguments: 1...6)
  func randomSchedule(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let engine = FakeEngine(limits: Self.limits, models: Self.models)
    var admitted: [SequenceRequest] = []
    var cancelled: Set<JobID> = []
    var images = 0

    for turn in 1...1500 {
      let id = UInt64(turn)
      switch Int.random(in: 0..<12, using: &random) {
      case 0, 1:
        let request = randomRequest(id, &random)
        if engine.admit(request) == .admitted { admitted.append(request) }
      case 2:
        if engine.admit(image(id, uid: UInt32(id % 3), tokens: 197)) == .admitted { images += 1 }
      case 3:
        guard let victim = admitted.suffix(12).randomElement(using: &random) else { continue }
        if engine.scheduler.contains(victim.id) { cancelled.insert(victim.id) }
        engine.end(victim.id)
      default:
        let chunk = Int.random(in: 1...128, using: &random)
        let plan = engine.step(StepBudget(tokens: 160, chunk: chunk))
        expectInBounds(plan, chunk: chunk)
      }
      engine.scheduler.checkInvariants()
    }
    while engine.step() != nil { engine.scheduler.checkInvariants() }

    for request in admitted where !cancelled.contains(request.id) {
      #expect(engine.outputs[request.id] == expectedOutput(request), "\(request.id), \(random)")
    }
    #expect(engine.usages.count == admitted.count + images, "\(random)")
    #expect(engine.scheduler.backlog == (0, 0))
    #expect(engine.scheduler.load(of: llama).heldBlocks == 0)
    #expect(engine.usages.values.contains { $0.preemptions > 0 }, "the schedule is too easy, \(random)")
    #expect(engine.usages.values.contains { $0.cachedTokens > 0 }, "no prefix was shared, \(random)")
  }

  private func randomRequest(_ id: UInt64, _ random: inout SeededGenerator) -> SequenceRequest {
    generate(
      id, uid: UInt32.random(in: 0..<3, using: &random), prompt: Int.random(in: 1...450, using: &random),
      new: Int.random(in: 0...300, using: &random), seed: Int32.random(in: 1...2, using: &random))
  }

  private func expectInBounds(_ plan: StepPlan?, chunk: Int) {
    guard let plan else { return }
    switch plan.work {
    case .sequences(let steps):
      #expect(plan.tokens <= 160 && steps.count <= 6)
      #expect(steps.allSatisfy { (1...chunk).contains($0.tokens.count) })
      #expect(Set(steps.map(\.slot)).count == steps.count && Set(steps.map(\.id)).count == steps.count)
    case .images(let ids):
      #expect((1...4).contains(ids.count))
    }
  }
}
