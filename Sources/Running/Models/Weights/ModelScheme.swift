import Kernels

/// Which quantized arithmetic each layer runs: read from the pack, chosen and measured offline.
package struct ModelScheme: Sendable, Equatable, Codable {
  /// One per transformer layer.
  package var attention: [AttentionScheme]

  package init(attention: [AttentionScheme]) { self.attention = attention }

  /// Refuses schemes that no kernel implements.
  package func validate(layers: Int) throws(ModelError) {
    guard attention.count == layers else {
      throw .configuration(
        field: "scheme.attention", found: "\(attention.count) entries",
        expected: "the model has \(layers) layers")
    }
    for (layer, scheme) in attention.enumerated() {
      for (field, bits) in [
        ("qk.query", scheme.queryBits), ("kv.k", scheme.keyBits), ("kv.v", scheme.valueBits),
      ]
      where bits != 4 && bits != 8 {
        throw .configuration(
          field: "layer \(layer) \(field)", found: "\(bits) bits", expected: "it must be 4 or 8")
      }
    }
  }
}
