import TestSupport
import Testing
import Vocabulary

@testable import Engine

@Suite("Sampler")
struct SamplerTests {
  /// Probabilities 0.5, 0.25, 0.125, 0.0625, 0.0625 in an order that is not theirs.
  private let logits: [Float] = [-4, -1, -3, -2, -4].map { $0 * 0.6931472 }

  @Test("takes the most likely token at temperature 0, whatever the seed")
  func greedy() {
    for seed in UInt64(0)..<20 { #expect(draws(1, SamplingOptions(temperature: 0, seed: seed)) == [1]) }
  }

  @Test(
    "takes the most likely token at temperatures whose reciprocal is infinite",
    arguments: [Float(1e-6), 1e-37, 0x1p-128, 0x1p-133, .leastNonzeroMagnitude])
  func tiny(temperature: Float) {
    for (topK, topP) in [(0, 1), (5, 1), (0, 0.9)] as [(Int, Float)] {
      for seed in UInt64(0)..<10 {
        let options = SamplingOptions(temperature: temperature, topK: topK, topP: topP, seed: seed)
        #expect(draws(3, options) == [1, 1, 1])
      }
    }
  }

  @Test("takes the first of equally likely tokens at temperature 0")
  func ties() {
    var sampler = Sampler(SamplingOptions(temperature: 0, seed: 1), prompt: [])
    #expect(next(&sampler, [3, 7, 7, 1]).token == 1)
  }

  @Test("gives the same tokens for the same seed, and others for another")
  func seeds() {
    let options = { SamplingOptions(temperature: 1, topK: 0, topP: 1, seed: $0) }
    #expect(draws(50, options(7)) == draws(50, options(7)))
    #expect(draws(50, options(7)) != draws(50, options(8)))
  }

  @Test("draws each token as often as its probability says")
  func distribution() {
    let counts = histogram(10_000, SamplingOptions(temperature: 1, topK: 0, topP: 1, seed: 3))
    for (token, share) in [0.0625, 0.5, 0.125, 0.25, 0.0625].enumerated() {
      // Four standard deviations of a binomial count.
      let spread = 4 * (10_000 * share * (1 - share)).squareRoot()
      #expect(abs(Double(counts[token]) - 10_000 * share) <= spread, "token \(token): \(counts)")
    }
  }

  @Test("sharpens at low temperature and flattens at high")
  func temperature() {
    let cold = histogram(4000, SamplingOptions(temperature: 0.25, topK: 0, topP: 1, seed: 3))
    #expect(cold[1] > 3700, "0.5⁴ against 0.25⁴: \(cold)")
    let hot = histogram(4000, SamplingOptions(temperature: 1000, topK: 0, topP: 1, seed: 3))
    #expect(hot.allSatisfy { (650...950).contains($0) }, "\(hot)")
  }

  @Test(
    "keeps exactly the k most likely tokens",
    arguments: [(1, [1]), (2, [1, 3]), (3, [1, 2, 3]), (99, [0, 1, 2, 3, 4])])
  func topK(k: Int, kept: [Int]) {
    #expect(support(SamplingOptions(temperature: 1, topK: k, topP: 1, seed: 5)) == kept)
  }

  @Test(
    "keeps the most likely tokens up to a sum of p",
    arguments: [(0.1, [1]), (0.49, [1]), (0.6, [1, 3]), (0.76, [1, 2, 3])] as [(Float, [Int])])
  func topP(p: Float, kept: [Int]) {
    #expect(support(SamplingOptions(temperature: 1, topK: 0, topP: p, seed: 5)) == kept)
  }

  @Test(
    "drops tokens below a share of the most likely one",
    arguments: [(0.6, [1]), (0.4, [1, 3]), (0.2, [1, 2, 3])] as [(Float, [Int])])
  func minP(share: Float, kept: [Int]) {
    #expect(support(SamplingOptions(temperature: 1, topK: 0, topP: 1, minP: share, seed: 5)) == kept)
  }

  @Test("cuts a large vocabulary where the sum over all of it says so")
  func largeVocabulary() {
    // Equal logits: half of all tokens, lowest index first, reach a sum of 0.5.
    let options = SamplingOptions(temperature: 1, topK: 0, topP: 0.5, seed: 11)
    var sampler = Sampler(options, prompt: [])
    let logits = [Float](repeating: 1, count: 4000)
    let tokens = (0..<2000).map { _ in next(&sampler, logits).token }
    #expect(tokens.allSatisfy { $0 <= 2000 })
    #expect(tokens.contains { $0 > 1500 }, "more than the first 256 candidates are in reach")
  }

  @Test("makes tokens that were seen less likely, those of the prompt and its own")
  func penalty() {
    var sampler = Sampler(SamplingOptions(temperature: 0, repetitionPenalty: 2, seed: 1), prompt: [0])
    #expect(next(&sampler, [4, 3, 2.5, -1]).token == 1, "token 0 falls to 2")
    #expect(next(&sampler, [4, 3, 2.5, -1]).token == 2, "token 1 fell to 1.5")
    var negative = Sampler(SamplingOptions(temperature: 0, repetitionPenalty: 2, seed: 1), prompt: [0, 999])
    #expect(next(&negative, [-1, -1.5]).token == 1, "−1 falls to −2; an id beyond the vocabulary is ignored")
  }

  @Test("reports probabilities before penalty and truncation")
  func logprobs() throws {
    var sampler = Sampler(
      SamplingOptions(temperature: 0, repetitionPenalty: 9, seed: 1, logprobs: 2), prompt: [1])
    let choice = next(&sampler, logits)
    #expect(choice.alternatives.map(\.token) == [1, 3])
    let top = try #require(choice.alternatives.first)
    #expect(abs(top.logprob + 0.6931472) < 1e-5)
    #expect(choice.report?.token == choice.token)
  }

  @Test("does not trap on NaN and infinity", arguments: [0, 0.7] as [Float])
  func hostile(temperature: Float) {
    let rows: [[Float]] = [
      [.nan, .nan, .nan], [.nan, 1, 2], [.infinity, 1, .infinity], [-.infinity, -.infinity, -.infinity],
      [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0],
    ]
    for row in rows {
      for (k, p) in [(0, 1), (2, 1), (0, 0.9), (40, 0.95)] as [(Int, Float)] {
        var sampler = Sampler(
          SamplingOptions(temperature: temperature, topK: k, topP: p, minP: 0.01, seed: 1, logprobs: 2),
          prompt: [0])
        for _ in 0..<5 { #expect((0..<3).contains(next(&sampler, row).token.index), "\(row), \(k), \(p)") }
      }
    }
  }

  // MARK: Helpers

  private func next(
    _ sampler: inout Sampler, _ logits: [Float]
  ) -> (token: TokenID, report: ScoredToken?, alternatives: [ScoredToken]) {
    var scratch = [Float](repeating: 0, count: logits.count)
    return logits.withUnsafeBufferPointer { logits in
      scratch.withUnsafeMutableBufferPointer { sampler.next(logits, scratch: $0) }
    }
  }

  private func draws(_ count: Int, _ options: SamplingOptions) -> [Int] {
    var sampler = Sampler(options, prompt: [])
    return (0..<count).map { _ in next(&sampler, logits).token.index }
  }

  private func histogram(_ count: Int, _ options: SamplingOptions) -> [Int] {
    draws(count, options).reduce(into: [Int](repeating: 0, count: logits.count)) { $0[$1] += 1 }
  }

  private func support(_ options: SamplingOptions) -> [Int] { Set(draws(2000, options)).sorted() }
}
