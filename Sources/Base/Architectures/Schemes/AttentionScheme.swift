/// How softmax weights are coded before they multiply V; see `Numerics` of Kernels.
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

/// How a layer keeps the keys and values of a sequence.
package enum PageKind: String, Sendable, Codable {
  /// Pages of 64 tokens: full ones in codes, the newest in 16 bits.
  case sealed
}

/// What shares a scale among a page's V codes.
package enum ValueScale: String, Sendable, Codable {
  /// A channel's 64 tokens.
  case channel
  /// A token's channels. Its scale is a step of the weights' codes, so that no product is added.
  case token
}

/// Which quantized attention a layer runs: data in the pack, not code.
package struct AttentionScheme: Sendable, Hashable {
  /// Bits of the folded query: 8, or 4 for the form that quantizes both sides of Q·K to 4 bits.
  package var queryBits: Int
  /// Bits of K, per channel of a 64-token page or of a whole image: 4 or 8, in pages also 2, 3 or 5.
  package var keyBits: Int
  /// Bits of V: 4 or 8, in pages also 2, 3 or 5.
  package var valueBits: Int
  /// What V's scales belong to; per token with ``ProbabilityCode/log64`` and in decoders alone.
  package var valueScale: ValueScale
  package var probabilities: ProbabilityCode
  package var pages: PageKind
  /// How many of the newest tokens a token sees, itself included; nil for all.
  package var window: Int?

  package init(
    queryBits: Int = 8, keyBits: Int = 4, valueBits: Int = 4, valueScale: ValueScale = .channel,
    probabilities: ProbabilityCode = .log2, pages: PageKind = .sealed, window: Int? = nil
  ) {
    self.queryBits = queryBits
    self.keyBits = keyBits
    self.valueBits = valueBits
    self.valueScale = valueScale
    self.probabilities = probabilities
    self.pages = pages
    self.window = window
  }

  /// Refuses what no kernel implements for a model.
  ///
  /// - Parameter layer: For the message.
  package func validate(layer: Int, of model: ModelConfiguration) throws(ArchitectureError) {
    try validate(layer: layer)
    if case .vision = model { try validateWithinImage(layer: layer) }
  }

  /// Refuses what only pages of a sequence can have.
  private func validateWithinImage(layer: Int) throws(ArchitectureError) {
    if let window {
      throw ArchitectureError(
        field: "layer \(layer) window", found: "\(window)",
        expected: "every patch of an image attends to all others; a window is for decoders alone")
    }
    for (field, bits) in [("kv.k", keyBits), ("kv.v", valueBits)] where bits != 4 && bits != 8 {
      throw Self.refusal(field, bits, "4 or 8 within an image", layer: layer)
    }
    if valueScale != .channel {
      throw ArchitectureError(
        field: "layer \(layer) valueScale", found: valueScale.rawValue,
        expected: "an image's values have a scale per channel; one per token is for decoders alone")
    }
  }

  private static func refusal(
    _ field: String, _ bits: Int, _ expected: String, layer: Int
  ) -> ArchitectureError {
    ArchitectureError(
      field: "layer \(layer) \(field)", found: "\(bits) bits", expected: "it must be \(expected)")
  }

  /// Refuses what no kernel implements for any model.
  package func validate(layer: Int) throws(ArchitectureError) {
    guard queryBits == 4 || queryBits == 8 else {
      throw Self.refusal("qk.query", queryBits, "4 or 8", layer: layer)
    }
    for (field, bits) in [("kv.k", keyBits), ("kv.v", valueBits)] where !(2...5).contains(bits) && bits != 8 {
      throw Self.refusal(field, bits, "2, 3, 4, 5 or 8", layer: layer)
    }
    if valueScale == .token, probabilities != .log64 {
      throw ArchitectureError(
        field: "layer \(layer) valueScale", found: "token with \(probabilities.rawValue) probabilities",
        expected: "a token's scale is a step of log64's codes: use log64, or a scale per channel")
    }
    if let window, window < 1 {
      throw ArchitectureError(
        field: "layer \(layer) window", found: "\(window)",
        expected: "a token sees at least itself: it must be 1 or more, or absent for no window")
    }
  }
}

extension AttentionScheme: Codable {
  private enum CodingKeys: String, CodingKey {
    case queryBits, keyBits, valueBits, valueScale, probabilities, pages, window
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      queryBits: try fields.decode(Int.self, forKey: .queryBits),
      keyBits: try fields.decode(Int.self, forKey: .keyBits),
      valueBits: try fields.decode(Int.self, forKey: .valueBits),
      valueScale: try fields.decode(.channel, unlessStoredFor: .valueScale),
      probabilities: try fields.decode(ProbabilityCode.self, forKey: .probabilities),
      pages: try fields.decode(.sealed, unlessStoredFor: .pages),
      window: try fields.decodeIfPresent(Int.self, forKey: .window))
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(queryBits, forKey: .queryBits)
    try fields.encode(keyBits, forKey: .keyBits)
    try fields.encode(valueBits, forKey: .valueBits)
    try fields.encode(valueScale, unless: .channel, forKey: .valueScale)
    try fields.encode(probabilities, forKey: .probabilities)
    try fields.encode(pages, unless: .sealed, forKey: .pages)
    try fields.encodeIfPresent(window, forKey: .window)
  }
}
