/// What is normed of query and key before they are turned.
package enum QueryKeyNorm: String, Sendable, Codable {
  case none
  /// Each head by itself, all with the same factors.
  case perHead = "per_head"
  /// All heads together, each channel with a factor of its own.
  case overWidth = "over_width"
}

/// Where the norms of a decoder's branches, attention and feed-forward, stand.
package enum BranchNorms: String, Sendable, Codable {
  /// Of what a branch reads.
  case input
  /// Of what a branch adds to the stream.
  case output
  case both

  package var hasInput: Bool { self != .output }
  package var hasOutput: Bool { self != .input }
}

/// What rotary embedding does in a layer.
package enum LayerRotary: String, Sendable, Codable {
  /// Turns by the model's base and rule.
  case usual
  /// Turns by `localRopeTheta`, without a rule.
  case local
  /// Turns nothing: such a layer knows no positions.
  case none
}

extension Array {
  /// The element of `layer` in a pattern that repeats itself; nil for an empty one.
  func pattern(at layer: Int) -> Element? { isEmpty ? nil : self[layer % count] }
}
