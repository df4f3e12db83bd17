import ImageProcessing
import Scheduling
import Vocabulary

/// A prompt to continue. Events go to `sink` on the engine's thread, which must not block.
package struct GenerationJob: Sendable {
  package let id: JobID
  package let uid: UInt32
  package let model: ModelKey
  /// Token ids with the begin token, each below the vocabulary size.
  package let prompt: [TokenID]
  package let maxTokens: Int
  package let sampling: SamplingOptions
  package let stops: [String]
  /// Tokens of structure that are written into the text although they are none, and how.
  package let spelled: [TokenID: String]
  /// When the request must have ended; nil for no limit.
  package let deadline: ContinuousClock.Instant?
  package let sink: @Sendable (GenerationEvent) -> Void

  package init(
    id: JobID, uid: UInt32, model: ModelKey, prompt: [TokenID], maxTokens: Int, sampling: SamplingOptions,
    stops: [String] = [], spelled: [TokenID: String] = [:],
    deadline: ContinuousClock.Instant? = nil,
    sink: @escaping @Sendable (GenerationEvent) -> Void
  ) {
    self.id = id
    self.uid = uid
    self.model = model
    self.prompt = prompt
    self.maxTokens = maxTokens
    self.sampling = sampling
    self.stops = stops
    self.spelled = spelled
    self.deadline = deadline
    self.sink = sink
  }
}

/// What a generation's sink is told; nothing follows after `refused` or `finished`.
package enum GenerationEvent: Sendable {
  case refused(Refusal)
  case piece(GeneratedPiece)
  case finished(GenerationSummary)
}

/// One token's text, whole characters only; empty while a character or a stop string is incomplete.
package struct GeneratedPiece: Sendable, Equatable {
  package let index: Int
  package let token: TokenID
  package let text: String
  package let logprob: Float?
  package let alternatives: [ScoredToken]
}

package struct GenerationSummary: Sendable {
  package let reason: FinishReason
  /// The end of the text, which was held back because it might have begun a stop string or was no whole
  /// character.
  package let rest: String
  package let usage: Usage
  package let timings: JobTimings
}

/// Durations of one job; nil where it ended before that phase.
package struct JobTimings: Sendable, Equatable {
  /// From submission to the first step that computed for it.
  package var queue: Duration?
  /// From there to the first token or result.
  package var prefill: Duration?
  /// From the first token to the last.
  package var decode: Duration?
  package var total: Duration = .zero
}

/// Why a job was not let in.
package enum Refusal: Sendable, Equatable {
  /// Too many requests or tokens are under way; try again after `retryAfter`.
  case busy(retryAfter: Duration)
  /// The prompt and the tokens to generate are more than the model's context, or its cache, can hold.
  case tooLong(tokens: Int, limit: Int)
  case modelNotLoaded
  case stopping
}

/// One image to run, or one text to embed.
package struct VectorJob: Sendable {
  package enum Input: Sendable {
    /// An image of the size that the model takes.
    case image(PreparedImage)
    /// Token ids, each below the vocabulary size.
    case prompt([TokenID])
  }

  package let id: JobID
  package let uid: UInt32
  package let model: ModelKey
  package let input: Input
  package let deadline: ContinuousClock.Instant?
  package let sink: @Sendable (VectorEvent) -> Void

  package init(
    id: JobID, uid: UInt32, model: ModelKey, input: Input, deadline: ContinuousClock.Instant? = nil,
    sink: @escaping @Sendable (VectorEvent) -> Void
  ) {
    self.id = id
    self.uid = uid
    self.model = model
    self.input = input
    self.deadline = deadline
    self.sink = sink
  }
}

/// The one answer to a ``VectorJob``.
package enum VectorEvent: Sendable {
  case refused(Refusal)
  /// Class logits (empty for a text) and the final normalized hidden state: the class token's, or the last token's.
  case result(logits: [Float], embedding: [Float], timings: JobTimings)
  case ended(FinishReason)
}
