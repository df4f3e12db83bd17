/// How busy one model is, for status, metrics and draining.
public struct ModelLoad: Equatable, Sendable {
  /// Requests that hold no slot, among them preempted ones.
  public let waiting: Int
  public let running: Int
  /// Cache pages in all; 0 for a vision model, as are the two below.
  public let blocks: Int
  public let heldBlocks: Int
  /// Unused pages that keep a prefix for later.
  public let cachedBlocks: Int
}

/// What follows after a token was appended.
public enum AppendOutcome: Equatable, Sendable {
  /// The next step computes the token.
  case continues
  /// The request has all the tokens that it asked for: finish it.
  case reachedLimit
}
