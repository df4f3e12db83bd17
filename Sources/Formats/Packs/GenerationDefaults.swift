/// What a generation does where the request is silent: its author's settings.
package struct GenerationDefaults: Sendable, Equatable, Codable {
  /// 0 takes the most likely token always.
  package var temperature: Double?
  /// 0 keeps all tokens.
  package var topK: Int?
  package var topP: Double?
  package var minP: Double?
  package var repetitionPenalty: Double?
  package var maxTokens: Int?
  /// Texts that end an answer.
  package var stop: [String]?
  /// Settings of the author that are not implemented, by their names in the source.
  package var leftOut: [String]?

  package init(
    temperature: Double? = nil, topK: Int? = nil, topP: Double? = nil, minP: Double? = nil,
    repetitionPenalty: Double? = nil, maxTokens: Int? = nil, stop: [String]? = nil, leftOut: [String]? = nil
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.maxTokens = maxTokens
    self.stop = stop
    self.leftOut = leftOut
  }

  /// What each may be; importers and packs are checked against the same ranges. Those of sampling are what a request may
  /// ask for.
  package enum Allowed {
    package static let temperature = 0.0...5.0
    package static let probability = 0.0...1.0
    package static let repetitionPenalty = 0.01...10.0
    package static let topK = 0...(1 << 22)
    package static let maxTokens = 1...(1 << 24)
    package static let stopCount = 0...16
    package static let stopBytes = 1...256
  }
}
