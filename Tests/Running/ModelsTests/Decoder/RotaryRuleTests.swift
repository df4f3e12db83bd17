import Architectures
import FoundationEssentials
import Kernels
import ModelFixtures
import Models
import Testing

@testable import Importers

/// `Tests/Fixtures/Families/rotary.json`: settings, and the frequencies that transformers computes of them.
@Suite("Rotary rules")
struct RotaryRuleTests {
  private let rules: Settings

  init() throws { rules = try Settings(file: "rotary.json", json: Array(FamilyFixture.rotary())) }

  /// transformers computes frequencies in float32, by way of a power.
  private let tolerance = 1e-5

  @Test("give the frequencies and the magnitude that transformers computes")
  func frequencies() throws {
    #expect(rules.values.count >= 9)
    for name in rules.values.keys.sorted() {
      let rule = try #require(try rules.object(name))
      let c = try configuration(try #require(try rule.object("config")))
      let expected = try #require(try rule.numbers("frequencies"))
      let frequencies = c.rotaryFrequencies(theta: c.ropeTheta, rule: c.ropeScaling)
      let worst = zip(frequencies, expected).reduce(0) { max($0, abs($1.0 / $1.1 - 1)) }
      print("\(name): largest relative difference of \(expected.count) frequencies \(worst)")
      #expect(frequencies.count == expected.count && worst <= tolerance, "\(name)")
      // The cosine of position 0 is the magnitude.
      let table = RotaryTable(c, positions: 1)
      let magnitude = withExtendedLifetime(table) { table.cosines(at: 0)[0] }
      #expect(abs(Double(magnitude) - (try rule.number("magnitude", in: 0...10))) <= 1e-6, "\(name)")
    }
  }

  @Test("longrope divides by its long factors where the context is longer than the original one")
  func longContext() throws {
    var c = try configuration(try #require(try rules.object("longrope")?.object("config")))
    guard case .longRope(let rule) = c.ropeScaling else {
      Issue.record("longrope was read as \(String(describing: c.ropeScaling))")
      return
    }
    #expect(c.context == rule.originalContext)
    let short = c.rotaryFrequencies(theta: c.ropeTheta, rule: c.ropeScaling)
    c.context += 1
    let long = c.rotaryFrequencies(theta: c.ropeTheta, rule: c.ropeScaling)
    for index in short.indices {
      let quotient = short[index] / long[index]
      #expect(abs(quotient * rule.shortFactors[index] / rule.longFactors[index] - 1) < 1e-12)
    }
  }

  private func configuration(_ settings: Settings) throws -> DecoderConfiguration {
    try DecoderConfiguration(.llama, huggingFace: settings, generation: nil, HuggingFaceDefaults())
  }
}
