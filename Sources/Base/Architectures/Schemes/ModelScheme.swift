/// Which quantized arithmetic each layer runs: read from the pack, chosen and measured offline.
package struct ModelScheme: Sendable, Equatable {
  /// One per transformer layer.
  package var attention: [AttentionScheme]
  /// The format of each quantized matrix, by its name in the pack.
  package var weights: [String: WeightFormat]

  package init(attention: [AttentionScheme], weights: [String: WeightFormat]) {
    self.attention = attention
    self.weights = weights
  }

  /// Refuses schemes that no kernel implements or that are another model's.
  package func validate(for configuration: ModelConfiguration) throws(ArchitectureError) {
    guard attention.count == configuration.layers else {
      throw ArchitectureError(
        field: "scheme.attention", found: "\(attention.count) entries",
        expected: "the model has \(configuration.layers) layers")
    }
    for (layer, scheme) in attention.enumerated() {
      try scheme.validate(layer: layer, of: configuration)
    }
    try validateWeights(configuration.tensorTable)
  }

  private func validateWeights(_ table: TensorTable) throws(ArchitectureError) {
    let matrices = table.matrices
    for row in matrices where weights[row.name] == nil && row.role != .draftHead {
      throw ArchitectureError(
        field: "scheme.weights.\(row.name)", found: "nothing",
        expected: "each layer records its weight format")
    }
    let strangers = Set(weights.keys).subtracting(matrices.map(\.name))
    guard strangers.isEmpty else {
      throw ArchitectureError(
        field: "scheme.weights", found: strangers.sorted().prefix(3).joined(separator: ", "),
        expected: "the model has no such layer")
    }
  }
}

extension ModelScheme: Codable {
  private enum CodingKeys: String, CodingKey { case attention, weights }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      attention: try fields.decode([AttentionScheme].self, forKey: .attention),
      // Format 1 of packs records none.
      weights: try fields.decode([:], unlessStoredFor: .weights))
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(attention, forKey: .attention)
    try fields.encode(weights, unless: [:], forKey: .weights)
  }
}
