import Kernels
import Vocabulary

/// A token with its logarithmic probability, before temperature and truncation.
package struct ScoredToken: Sendable, Equatable {
  package let token: TokenID
  /// Natural logarithm of the probability.
  package let logprob: Float
}

/// Chooses one request's tokens: penalty, then temperature, top-k, top-p, min-p, then a seeded draw.
///
/// Everything is deterministic arithmetic on the logits, so equal logits and seeds give equal tokens.
struct Sampler {
  private let options: SamplingOptions
  private var random: SplitMix64
  private var seen: Set<TokenID>

  /// - Parameter prompt: Tokens that the repetition penalty counts as seen.
  init(_ options: SamplingOptions, prompt: [TokenID]) {
    self.options = options
    random = SplitMix64(seed: options.seed)
    seen = options.repetitionPenalty == 1 ? [] : Set(prompt)
  }

  /// The next token, and what to report about it.
  ///
  /// - Parameters:
  ///   - logits: `[vocabulary]`; not changed.
  ///   - scratch: Room for `vocabulary` floats.
  mutating func next(
    _ logits: UnsafeBufferPointer<Float>, scratch: UnsafeMutableBufferPointer<Float>
  ) -> (token: TokenID, report: ScoredToken?, alternatives: [ScoredToken]) {
    _ = scratch.update(fromContentsOf: logits)
    penalize(scratch)
    let token = TokenID(Int32(options.temperature > 0 ? draw(scratch) : mostLikely(scratch)))
    if options.repetitionPenalty != 1 { seen.insert(token) }
    guard let count = options.logprobs else { return (token, nil, []) }
    let logSum = LogSumExpKernel.best(logits.baseAddress!, count: logits.count)
    let alternatives = TopKKernel.best(logits.baseAddress!, count: logits.count, k: count)
    return (
      token, ScoredToken(token: token, logprob: logits[token.index] - logSum),
      alternatives.map { ScoredToken(token: TokenID(Int32($0.index)), logprob: $0.value - logSum) }
    )
  }

  private func penalize(_ logits: UnsafeMutableBufferPointer<Float>) {
    for token in seen where logits.indices.contains(token.index) {
      let value = logits[token.index]
      logits[token.index] = value > 0 ? value / options.repetitionPenalty : value * options.repetitionPenalty
    }
  }

  private func mostLikely(_ logits: UnsafeMutableBufferPointer<Float>) -> Int {
    MaxIndexKernel.best(UnsafePointer(logits.baseAddress!), count: logits.count)
  }

  /// Finite for every temperature above 0: the softmax multiplies it by differences of logits, and ∞ · 0 is NaN. At its
  /// bound any difference that float32 logits can have leaves the most likely token alone.
  private var inverseTemperature: Float { min(1 / options.temperature, 1e30) }

  /// - Precondition: `temperature` is above 0.
  private mutating func draw(_ logits: UnsafeMutableBufferPointer<Float>) -> Int {
    let base = UnsafePointer(logits.baseAddress!)
    if options.topK == 0, options.topP >= 1, options.minP == 0 {
      SoftmaxKernel.best(
        base, logits.baseAddress!, count: logits.count, inverseTemperature: inverseTemperature)
      return pick(logits.enumerated().lazy.map { (index: $0.offset, weight: Double($0.element)) })
    }
    let kept = candidates(base, count: logits.count)
    return pick(kept)
  }

  /// The tokens that top-k, top-p and min-p leave, most likely first, with their weights.
  private func candidates(_ logits: UnsafePointer<Float>, count: Int) -> [(index: Int, weight: Double)] {
    var limit = options.topK > 0 ? min(options.topK, count) : min(256, count)
    while true {
      let best = TopKKernel.best(logits, count: count, k: limit)
      let weights = probabilities(best.map(\.value), of: logits, count: count)
      let kept = truncated(weights)
      // Without top-k, the list grows until a truncation rule has cut it; then no token beyond the list would
      // be kept. So the first length, 256, decides how often a row is scanned, never which tokens are left.
      if options.topK > 0 || kept < limit || limit == count {
        return zip(best, weights).prefix(kept).map { (index: $0.index, weight: Double($1)) }
      }
      limit = min(limit * 4, count)
    }
  }

  /// The probabilities of the best logits. Under top-k they are relative to the best alone, otherwise to all
  /// tokens.
  private func probabilities(_ best: [Float], of logits: UnsafePointer<Float>, count: Int) -> [Float] {
    var result = [Float](repeating: 0, count: best.count)
    result.withUnsafeMutableBufferPointer { output in
      SoftmaxKernel.best(
        best, output.baseAddress!, count: best.count, inverseTemperature: inverseTemperature)
    }
    guard options.topK == 0, best.count < count else { return result }
    var all = [Float](repeating: 0, count: count)
    all.withUnsafeMutableBufferPointer { output in
      SoftmaxKernel.best(
        logits, output.baseAddress!, count: count, inverseTemperature: inverseTemperature)
    }
    let peak = all[MaxIndexKernel.best(logits, count: count)]
    return result.map { $0 / result[0] * peak }
  }

  /// How many of the descending `weights` top-p and min-p keep; at least one.
  private func truncated(_ weights: [Float]) -> Int {
    var (sum, kept) = (Double(0), 0)
    for weight in weights {
      if kept > 0, sum >= Double(options.topP) || weight < options.minP * weights[0] { break }
      sum += Double(weight)
      kept += 1
    }
    return max(1, kept)
  }

  private mutating func pick(_ candidates: some Sequence<(index: Int, weight: Double)>) -> Int {
    let total = candidates.reduce(0.0) { $0 + $1.weight }
    var rest = random.nextUnit() * total
    var last = 0
    for (index, weight) in candidates where weight > 0 {
      last = index
      rest -= weight
      if rest < 0 { break }
    }
    return last
  }
}
