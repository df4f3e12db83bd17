/// How busy one model is, for status, metrics and draining.
package struct ModelLoad: Equatable, Sendable {
  /// Requests that hold no slot, among them preempted ones.
  package let waiting: Int
  package let running: Int
  /// Cache pages in all; 0 for a vision model, as are the two below.
  package let blocks: Int
  package let heldBlocks: Int
  /// Unused pages that keep a prefix for later.
  package let cachedBlocks: Int
}

/// What follows after a token was appended.
package enum AppendOutcome: Equatable, Sendable {
  /// The next step computes the token.
  case continues
  /// The request has all the tokens that it asked for: finish it.
  case reachedLimit
}
