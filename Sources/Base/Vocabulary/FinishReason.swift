/// Why a request ended; the raw value is how the protocol and the metrics spell it.
package enum FinishReason: String, Sendable, CaseIterable {
  /// The model ended its answer, or a stop text came.
  case stop
  /// The token limit or the end of the context was reached.
  case length
  /// The client cancelled or went away.
  case cancelled
  /// `deadline_ms` ran out; the text so far is valid.
  case deadline
  /// The model was unloaded, or the service stops. Clients get it as an error, never with an answer.
  case shutdown
}
