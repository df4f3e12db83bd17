import Engine
import JSON
import Packs
import WireProtocol

extension SamplingOptions {
  /// What a request without options gets: the author's settings, and the engine's own where the pack says nothing.
  init(_ defaults: GenerationDefaults, seed: UInt64) {
    self.init(seed: seed)
    if let value = defaults.temperature { temperature = Float(value) }
    if let value = defaults.topK { topK = value }
    if let value = defaults.topP { topP = Float(value) }
    if let value = defaults.minP { minP = Float(value) }
    if let value = defaults.repetitionPenalty { repetitionPenalty = Float(value) }
  }

  /// Takes what a request says over what was there.
  mutating func apply(_ request: GenerateRequest) {
    if let value = request.temperature { temperature = Float(value) }
    if let value = request.topK { topK = value }
    if let value = request.topP { topP = Float(value) }
    if let value = request.minP { minP = Float(value) }
    if let value = request.repetitionPenalty { repetitionPenalty = Float(value) }
    if request.logprobs > 0 { logprobs = request.logprobs }
  }
}

extension GenerationDefaults {
  /// What a request that says nothing gets, complete, under the names that requests use.
  func effective(maxTokens fallback: Int) -> JSONValue {
    let sampling = SamplingOptions(self, seed: 0)
    return .members([
      "temperature": .shortest(sampling.temperature), "top_k": .integer(sampling.topK),
      "top_p": .shortest(sampling.topP), "min_p": .shortest(sampling.minP),
      "repetition_penalty": .shortest(sampling.repetitionPenalty),
      "max_tokens": .integer(maxTokens ?? fallback), "stop": stop.map { .strings($0) },
      "left_out": leftOut.map { .strings($0) },
    ])
  }
}

extension JSONValue {
  /// A float with its own digits: 0.6, and not the double next to it.
  fileprivate static func shortest(_ value: Float) -> JSONValue {
    .number(Double(value.description) ?? Double(value))
  }
}
