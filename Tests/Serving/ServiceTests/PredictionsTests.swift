import ModelFixtures
import TestSupport
import Testing
import WireProtocol

@testable import Service

@Suite("Predictions")
struct PredictionsTests {
  @Test(
    "are the greatest logits in falling order, the earlier one of equals first", arguments: [1, 5, 100, 1000])
  func order(top: Int) throws {
    var random = SeededGenerator()
    let pack = try TinyPack.vit().open()
    let logits = (0..<100).map { _ in Float(Int.random(in: -20...20, using: &random)) / 4 }
    let sorted = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
    let predictions = [Prediction](logits, pack, top: top)
    #expect(predictions.map(\.index) == Array(sorted.prefix(top)))
    #expect(predictions.map(\.logit) == sorted.prefix(top).map { Double(logits[$0]) })
  }
}
