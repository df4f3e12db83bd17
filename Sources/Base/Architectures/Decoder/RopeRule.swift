/// How rotary frequencies are changed for contexts longer than those that a model was first trained on.
package enum RopeRule: Sendable, Equatable {
  /// Every frequency divided by a factor.
  case linear(factor: Double)
  case llama3(DecoderConfiguration.RopeScaling)
  case yarn(YaRN)
  case longRope(LongRope)

  /// Slow frequencies are divided by `factor`, fast ones stay, and those between are blended.
  package struct YaRN: Sendable, Equatable, Codable {
    package var factor: Double
    /// Turns within the original context above which a frequency stays.
    package var fastTurns: Double
    /// Turns below which a frequency is divided.
    package var slowTurns: Double
    package var originalContext: Int
    /// Multiplies cosines and sines.
    package var magnitude: Double
    /// Whether the ends of the blend are whole pairs.
    package var wholePairs: Bool

    package init(
      factor: Double, fastTurns: Double, slowTurns: Double, originalContext: Int, magnitude: Double,
      wholePairs: Bool
    ) {
      self.factor = factor
      self.fastTurns = fastTurns
      self.slowTurns = slowTurns
      self.originalContext = originalContext
      self.magnitude = magnitude
      self.wholePairs = wholePairs
    }
  }

  /// Each frequency divided by a number of its own: by one list where the context is no longer than the original one, by
  /// another where it is longer.
  package struct LongRope: Sendable, Equatable, Codable {
    package var shortFactors: [Double]
    package var longFactors: [Double]
    package var originalContext: Int
    /// Multiplies cosines and sines.
    package var magnitude: Double

    package init(
      shortFactors: [Double], longFactors: [Double], originalContext: Int, magnitude: Double
    ) {
      self.shortFactors = shortFactors
      self.longFactors = longFactors
      self.originalContext = originalContext
      self.magnitude = magnitude
    }
  }
}

extension RopeRule: Codable {
  private enum CodingKeys: String, CodingKey { case linear, yarn, longRope }

  /// Llama 3's rule is stored as its four numbers alone, as packs had it before there were others.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    if let factor = try fields.decodeIfPresent(Double.self, forKey: .linear) {
      self = .linear(factor: factor)
    } else if let rule = try fields.decodeIfPresent(YaRN.self, forKey: .yarn) {
      self = .yarn(rule)
    } else if let rule = try fields.decodeIfPresent(LongRope.self, forKey: .longRope) {
      self = .longRope(rule)
    } else {
      self = .llama3(try DecoderConfiguration.RopeScaling(from: decoder))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    if case .llama3(let rule) = self { return try rule.encode(to: encoder) }
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .linear(let factor): try fields.encode(factor, forKey: .linear)
    case .yarn(let rule): try fields.encode(rule, forKey: .yarn)
    case .longRope(let rule): try fields.encode(rule, forKey: .longRope)
    case .llama3: break
    }
  }
}

extension RopeRule {
  /// - Parameter pairs: Frequencies of a head.
  func validate(pairs: Int) throws(ArchitectureError) {
    switch self {
    case .linear(let factor): try require(positive: "rope_scaling.factor", factor, atMost: 1e6)
    case .llama3(let rule): try rule.validate()
    case .yarn(let rule): try rule.validate()
    case .longRope(let rule): try rule.validate(pairs: pairs)
    }
  }
}

extension DecoderConfiguration.RopeScaling {
  fileprivate func validate() throws(ArchitectureError) {
    try require(positive: "rope_scaling.factor", factor, atMost: 1e6)
    try require(positive: "rope_scaling.low_freq_factor", lowFrequencyFactor, atMost: 1e6)
    try require(positive: "rope_scaling.high_freq_factor", highFrequencyFactor, atMost: 1e6)
    try require("rope_scaling.original_max_position_embeddings", originalContext, in: Bound.context)
    guard lowFrequencyFactor < highFrequencyFactor else {
      throw ArchitectureError(
        field: "rope_scaling.low_freq_factor", found: "\(lowFrequencyFactor)",
        expected: "it must be below high_freq_factor = \(highFrequencyFactor)")
    }
  }
}

extension RopeRule.YaRN {
  fileprivate func validate() throws(ArchitectureError) {
    try require(positive: "rope_scaling.factor", factor, atMost: 1e6)
    try require(positive: "rope_scaling.beta_fast", fastTurns, atMost: 1e6)
    try require(positive: "rope_scaling.beta_slow", slowTurns, atMost: 1e6)
    try require("rope_scaling.original_max_position_embeddings", originalContext, in: Bound.context)
    try require(positive: "rope_scaling.attention_factor", magnitude, atMost: 1e3)
  }
}

extension RopeRule.LongRope {
  fileprivate func validate(pairs: Int) throws(ArchitectureError) {
    try require("rope_scaling.original_max_position_embeddings", originalContext, in: Bound.context)
    try require(positive: "rope_scaling.attention_factor", magnitude, atMost: 1e3)
    for (field, factors) in [("short_factor", shortFactors), ("long_factor", longFactors)] {
      guard factors.count == pairs else {
        throw ArchitectureError(
          field: "rope_scaling.\(field)", found: "\(factors.count) numbers",
          expected: "a head has \(pairs) frequencies")
      }
      for factor in factors { try require(positive: "rope_scaling.\(field)", factor, atMost: 1e6) }
    }
  }
}
