/// How the next token is chosen from the logits.
package struct SamplingOptions: Sendable, Equatable {
  /// 0 takes the most likely token; above it, logits are divided by it.
  package var temperature: Float
  /// Keeps the k most likely tokens; 0 keeps all.
  package var topK: Int
  /// Keeps the most likely tokens whose probabilities reach this sum.
  package var topP: Float
  /// Drops tokens less likely than this fraction of the most likely one.
  package var minP: Float
  /// Divides the positive and multiplies the negative logits of tokens seen before; 1 changes nothing.
  package var repetitionPenalty: Float
  /// The same seed, prompt and model give the same tokens, whatever else is running.
  package var seed: UInt64
  /// How many alternatives to report beside each token; nil reports no probabilities.
  package var logprobs: Int?

  /// The defaults are what a request gets where neither it nor its pack says anything; they stand here alone.
  package init(
    temperature: Float = 0.8, topK: Int = 40, topP: Float = 0.95, minP: Float = 0,
    repetitionPenalty: Float = 1,
    seed: UInt64, logprobs: Int? = nil
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.seed = seed
    self.logprobs = logprobs
  }
}
