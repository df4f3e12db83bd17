import Scheduling
import Testing

@Suite("Admission")
struct AdmissionTests {
  static let limits = AdmissionLimits(requests: 5, tokens: 1000, requestsPerUID: 3, tokensPerUID: 600)
  static let models = [(llama, ModelResources(.decoder(blocks: 8, slots: 2)))]

  @Test("bounds the requests of one uid and of all")
  func boundsRequests() {
    let engine = FakeEngine(limits: Self.limits, models: Self.models)
    for id in 1...3 { #expect(engine.admit(generate(UInt64(id), prompt: 5, new: 5)) == .admitted) }
    let fourth = engine.admit(generate(4, prompt: 5, new: 5))
    #expect(fourth == .busy(Backlog(limit: .requestsPerUID, requests: 3, tokens: 30)))
    for id in 5...6 { #expect(engine.admit(generate(UInt64(id), uid: 2, prompt: 5, new: 5)) == .admitted) }
    let sixth = engine.admit(generate(7, uid: 3, prompt: 5, new: 5))
    #expect(sixth == .busy(Backlog(limit: .requests, requests: 5, tokens: 50)))
  }

  @Test("bounds the tokens of one uid and of all")
  func boundsTokens() {
    let engine = FakeEngine(limits: Self.limits, models: Self.models)
    #expect(engine.admit(generate(1, prompt: 300, new: 200)) == .admitted)
    let second = engine.admit(generate(2, prompt: 100, new: 1))
    #expect(second == .busy(Backlog(limit: .tokensPerUID, requests: 1, tokens: 500)))
    #expect(engine.admit(generate(3, uid: 2, prompt: 400, new: 0)) == .admitted)
    let fourth = engine.admit(generate(4, uid: 3, prompt: 100, new: 1))
    #expect(fourth == .busy(Backlog(limit: .tokens, requests: 2, tokens: 900)))
  }

  @Test("lets the next one in when a request ends")
  func reopens() {
    let engine = FakeEngine(limits: Self.limits, models: Self.models)
    #expect(engine.admit(generate(1, prompt: 300, new: 200)) == .admitted)
    engine.end(JobID(rawValue: 1))
    #expect(engine.admit(generate(2, prompt: 300, new: 200)) == .admitted)
  }

  @Test("says at once what can never run", arguments: [(513, 0, 512), (500, 13, 512), (1, .max, 512)])
  func tooLong(prompt: Int, new: Int, limit: Int) {
    let engine = FakeEngine(limits: Self.limits, models: Self.models)
    let admission = engine.admit(generate(1, prompt: prompt, new: new))
    let (sum, overflow) = prompt.addingReportingOverflow(new)
    #expect(admission == .tooLong(tokens: overflow ? .max : sum, limit: limit))
    #expect(engine.scheduler.backlog == (0, 0))
  }

  @Test("a request that fills the whole cache runs")
  func fillsCache() {
    let engine = FakeEngine(limits: Self.limits, models: Self.models)
    let request = generate(1, prompt: 500, new: 12)
    #expect(engine.admit(request) == .admitted)
    while engine.step() != nil { engine.scheduler.checkInvariants() }
    #expect(engine.outputs[request.id] == expectedOutput(request))
  }
}
