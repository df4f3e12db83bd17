import Glibc
import TestSupport
import Testing

@testable import Engine

@Suite("Class scores")
struct ClassScoreTests {
  @Test(
    "are the greatest logits in falling order, the earlier one of equals first", arguments: [1, 5, 100, 1000])
  func order(top: Int) {
    var random = SeededGenerator()
    let logits = (0..<100).map { _ in Float(Int.random(in: -20...20, using: &random)) / 4 }
    let sorted = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
    let scores = ClassScore.ranked(logits, top: top)
    #expect(scores.map(\.index) == Array(sorted.prefix(top)))
    #expect(scores.map(\.logit) == sorted.prefix(top).map { logits[$0] })
  }

  @Test("have the softmax of all logits as probabilities, however few are asked for")
  func probabilities() {
    let scores = ClassScore.ranked([1, 3, 2], top: 2)
    let total = exp(-2.0) + 1 + exp(-1.0)
    #expect(scores.map(\.probability) == [1 / total, exp(-1.0) / total])
  }
}
