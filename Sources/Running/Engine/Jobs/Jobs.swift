import ImageProcessing
import Scheduling

/// A prompt to continue. Events go to `sink` on the engine's thread, which must not block.
public struct GenerationJob: Sendable {
  public let id: RequestID
  public let uid: UInt32
  public let model: ModelKey
  /// Token ids with the begin token, each below the vocabulary size.
  public let prompt: [Int32]
  public let maxTokens: Int
  public let sampling: SamplingOptions
  public let stops: [String]
  /// When the request must have ended; nil for no limit.
  public let deadline: ContinuousClock.Instant?
  public let sink: @Sendable (GenerationEvent) -> Void

  public init(
    id: RequestID, uid: UInt32, model: ModelKey, prompt: [Int32], maxTokens: Int, sampling: SamplingOptions,
    stops: [String] = [], deadline: ContinuousClock.Instant? = nil,
    sink: @escaping @Sendable (GenerationEvent) -> Void
  ) {
    self.id = id
    self.uid = uid
    self.model = model
    self.prompt = prompt
    self.maxTokens = maxTokens
    self.sampling = sampling
    self.stops = stops
    self.deadline = deadline
    self.sink = sink
  }
}

/// What a generation says while it runs; `refused` and `finished` are the last event.
public enum GenerationEvent: Sendable {
  case refused(Refusal)
  case piece(GeneratedPiece)
  case finished(GenerationSummary)
}

/// One token's text, whole characters only; empty while a character or a stop string is incomplete.
public struct GeneratedPiece: Sendable, Equatable {
  public let index: Int
  public let token: Int
  public let text: String
  public let logprob: Float?
  public let alternatives: [ScoredToken]
}

/// Why a generation or a classification ended.
public enum EndReason: String, Sendable {
  case stop, length, cancelled, deadline
  /// The model was unloaded, or the service stops.
  case shutdown
}

public struct GenerationSummary: Sendable {
  public let reason: EndReason
  /// Text that was held back as a possible beginning of a stop string or an incomplete character.
  public let rest: String
  public let usage: Usage
  public let timings: JobTimings
}

/// Durations of one job; nil where it ended before that phase.
public struct JobTimings: Sendable, Equatable {
  /// From submission to the first step that computed for it.
  public var queue: Duration?
  /// From there to the first token or result.
  public var prefill: Duration?
  /// From the first token to the last.
  public var decode: Duration?
  public var total: Duration = .zero
}

/// Why a job was not let in.
public enum Refusal: Sendable, Equatable {
  /// Too much is under way; worth another try after `retryAfter`.
  case busy(retryAfter: Duration)
  /// The job may come to more tokens than the model's context, or the cache, can ever hold.
  case tooLong(tokens: Int, limit: Int)
  case modelNotLoaded
  case stopping
}

/// One image to run, or one text to embed.
public struct VectorJob: Sendable {
  public enum Input: Sendable {
    /// Of the size that the model takes.
    case image(PreparedImage)
    /// Token ids, each below the vocabulary size.
    case prompt([Int32])
  }

  public let id: RequestID
  public let uid: UInt32
  public let model: ModelKey
  public let input: Input
  public let deadline: ContinuousClock.Instant?
  public let sink: @Sendable (VectorEvent) -> Void

  public init(
    id: RequestID, uid: UInt32, model: ModelKey, input: Input, deadline: ContinuousClock.Instant? = nil,
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
public enum VectorEvent: Sendable {
  case refused(Refusal)
  /// Class logits (empty for a text) and the final normalized hidden state: the class token's, or the last token's.
  case result(logits: [Float], embedding: [Float], timings: JobTimings)
  case ended(EndReason)
}
