import Engine
import Registry
import Vocabulary
import WireProtocol

/// Runs a registry call and says its failures in the protocol's words.
func wire<Value>(_ body: () throws(RegistryError) -> Value) throws(WireError) -> Value {
  do {
    return try body()
  } catch {
    throw WireError(error)
  }
}

extension WireError {
  init(_ error: RegistryError) {
    let code: ErrorCode =
      switch error {
      case .unknownModel, .unknownVersion, .labelNotSet, .unknownBlob: .unknownModel
      case .invalidName, .invalidReference, .invalidDigest: .badRequest
      case .nothingBefore, .labelled, .inUse: .conflict
      case .notAFile, .tooLarge, .digestMismatch: .badPack
      case .database, .damaged, .newerSchema, .unreadableRow, .stateInUse, .needsRecovery, .readOnly, .system:
        .internal
      }
    self.init(code, error.description)
  }

  init(_ refusal: Refusal, model: String) {
    switch refusal {
    case .busy(let retryAfter):
      self.init(
        .busy, "too many requests are under way",
        retryAfterMilliseconds: Int(retryAfter.inMilliseconds.rounded()))
    case .tooLong(let tokens, let limit):
      self.init(
        .contextOverflow,
        "prompt and answer may come to \(tokens) tokens, but the cache holds \(limit); shorten one of them")
    case .modelNotLoaded:
      self.init(.modelNotLoaded, "'\(model)' is not loaded. Try: qclient load \(model)")
    case .stopping:
      self.init(.shuttingDown, "the service is stopping", retryAfterMilliseconds: 1000)
    }
  }

  init(_ reason: FinishReason) {
    switch reason {
    case .deadline: self.init(.deadline, "the deadline passed before the answer was complete")
    case .shutdown: self.init(.shuttingDown, "the service is stopping", retryAfterMilliseconds: 1000)
    case .stop, .length, .cancelled: self.init(.cancelled, "the request was cancelled")
    }
  }
}

extension Timings {
  init(_ timings: JobTimings) {
    self.init(
      queue: timings.queue?.inMilliseconds, prefill: timings.prefill?.inMilliseconds,
      firstToken: timings.queue.flatMap { queue in timings.prefill.map { (queue + $0).inMilliseconds } },
      decode: timings.decode?.inMilliseconds, total: timings.total.inMilliseconds)
  }
}
