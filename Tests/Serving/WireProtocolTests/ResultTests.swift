import Testing
import Vocabulary

@testable import WireProtocol

@Suite("Results")
struct ResultTests {
  private func comesBack<Result: JSONRepresentable & Equatable>(_ result: Result) throws {
    let line = Event.result(.integer(1), result).encoded()
    guard case .result(let json) = try Event(line: line).body else {
      Issue.record("not a result: \(result)")
      return
    }
    #expect(try Result(json: json) == result)
  }

  private let summary = ModelSummary(
    name: "vit", version: 2, task: "classify", format: "int8", state: "live", labels: ["stable"],
    bytes: 5_500_000,
    installed: 1_790_000_000)

  @Test("inference results come back")
  func inference() throws {
    let timings = Timings(queue: 1, total: 3.5)
    let predictions = [Prediction(label: "cat", index: 3, probability: 0.973, logit: 8.25)]
    try comesBack(ClassifyResult(model: "vit:2", predictions: predictions, timings: timings))
    try comesBack(
      EmbedResult(
        model: "m:1", embedding: [0.1, -1e-30, .greatestFiniteMagnitude],
        usage: Usage(promptTokens: 1, completionTokens: 0), timings: timings))
    try comesBack(
      TokenizeResult(
        model: "m:1",
        tokens: [TokenizedPiece(id: 1, text: "<s>", isSpecial: true), TokenizedPiece(id: 2, text: "a")]))
    try comesBack(DetokenizeResult(model: "m:1", text: "a\u{FFFD}"))
  }

  @Test("model results come back")
  func models() throws {
    try comesBack(ModelList(models: [summary]))
    try comesBack(ModelDetails(summary: summary, sha256: "ab", details: ["quality": ["top1": 97.5]]))
    let running = RunningModel(
      summary: summary, memoryBytes: 7, active: 1, queued: 2, contextTokens: 256, cacheUse: 0.5)
    try comesBack(RunningModels(models: [running], memoryBudgetBytes: 1 << 30))
    try comesBack(
      ModelChange(model: "vit:2", state: "live", label: "stable", previous: "vit:1", sha256: "ab"))
  }

  @Test("service results come back")
  func service() throws {
    try comesBack(HelloResult(version: "0.1", instructionSet: "avx2", rights: ["infer", "admin"]))
    try comesBack(
      ServiceStatus(
        state: "ready", version: "0.1", uptimeSeconds: 5, instructionSet: "avx2", threads: 2, active: 0,
        queued: 0,
        memoryBytes: 9, memoryBudgetBytes: 10, defaults: [("classify", "vit:2")], problems: ["disk is full"]))
    try comesBack(MetricsResult(text: "# HELP x\nx 1\n"))
    try comesBack(CancelResult(target: .text("a"), found: true))
  }
}
