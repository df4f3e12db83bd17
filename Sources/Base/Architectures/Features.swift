/// What a norm computes.
package enum NormKind: String, Sendable, Codable {
  /// `x · weight / √(mean(x²) + ε)`
  case rms
  /// `(x − mean) / √(variance + ε) · weight + bias`
  case layer

  /// Whether the norm adds a vector of its own.
  var hasBias: Bool { self == .layer }
}

/// What stands between the two projections of a feed-forward layer.
package enum FeedForward: String, Sendable, Codable {
  /// `down(silu(gate(x)) · up(x))`
  case gatedSiLU = "gated_silu"
  /// `down(gelu(gate(x)) · up(x))`, with the tanh form of GELU
  case gatedGELUTanh = "gated_gelu_tanh"
  /// `down(gelu(up(x)))`, with the exact GELU
  case gelu
}

/// Which channels of a head rotary embedding turns together.
package enum RotaryKind: String, Sendable, Codable {
  /// Channel i with channel i + half.
  case rotateHalf = "rotate_half"
  /// Channel 2i with channel 2i + 1.
  case interleaved
}

/// Which tokens an image's answer is computed from.
package enum Pooling: String, Sendable, Codable {
  case classToken = "class_token"
  case mean
}

/// Where the norms of a layer stand.
package enum NormPlacement: String, Sendable, Codable {
  /// Before attention and feed-forward.
  case before
  /// After each has been added to the stream.
  case after
}

// Features are stored where they differ from what packs mean that do not name them, so that a feature that comes
// later leaves the bytes of earlier packs alone.

extension KeyedEncodingContainer {
  mutating func encode<Feature: Encodable & Equatable>(
    _ value: Feature, unless usual: Feature, forKey key: Key
  ) throws {
    if value != usual { try encode(value, forKey: key) }
  }
}

extension KeyedDecodingContainer {
  func decode<Feature: Decodable>(_ usual: Feature, unlessStoredFor key: Key) throws -> Feature {
    contains(key) ? try decode(Feature.self, forKey: key) : usual
  }
}
