/// How softmax weights are coded before they multiply V; see <doc:Numerics>.
package enum ProbabilityCode: String, Sendable, Codable, CaseIterable {
  /// One code per octave, straight from the logit: powers of two.
  case log2
  /// Two codes per octave.
  case sqrt2
  /// Six codes per octave: close to `u8`, and still no exponential.
  case log64
  /// 8-bit weights from an exponential.
  case u8

  /// Codes per octave of the logarithmic forms; nil where an exponential is evaluated.
  package var codesPerOctave: Float? {
    switch self {
    case .log2: 1
    case .sqrt2: 2
    case .log64: 6
    case .u8: nil
    }
  }
}

/// Which quantized attention a layer runs: data in the pack, not code.
package struct AttentionScheme: Sendable, Hashable, Codable {
  /// Bits of the folded query: 8, or 4 for the form that quantizes both sides of Q·K to 4 bits.
  package var queryBits: Int
  /// Bits of K, per channel of a 64-token page or of a whole image: 4 or 8.
  package var keyBits: Int
  /// Bits of V: 4 or 8.
  package var valueBits: Int
  package var probabilities: ProbabilityCode

  package init(
    queryBits: Int = 8, keyBits: Int = 4, valueBits: Int = 4, probabilities: ProbabilityCode = .log2
  ) {
    self.queryBits = queryBits
    self.keyBits = keyBits
    self.valueBits = valueBits
    self.probabilities = probabilities
  }
}
