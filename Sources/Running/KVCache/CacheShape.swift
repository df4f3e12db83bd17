import Architectures
import Kernels

/// What a model needs of a cache: how its layers attend, and the shape of K and V.
package struct CacheShape: Sendable, Equatable {
  /// How one layer attends.
  package struct Layer: Sendable, Equatable {
    /// Its codes and, where it has one, its window.
    package let scheme: AttentionScheme
    package let logits: LogitRule

    package init(_ scheme: AttentionScheme, logits: LogitRule = LogitRule()) {
      self.scheme = scheme
      self.logits = logits
    }
  }

  package let layers: [Layer]
  package let keyValueHeads: Int
  package let headSize: Int

  package init(layers: [Layer], keyValueHeads: Int, headSize: Int) {
    self.layers = layers
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
  }

  /// A model whose layers all make logits by the same rule.
  package init(
    layers: [AttentionScheme], logits: LogitRule = LogitRule(), keyValueHeads: Int, headSize: Int
  ) {
    self.init(
      layers: layers.map { Layer($0, logits: logits) }, keyValueHeads: keyValueHeads, headSize: headSize)
  }

  /// The layout of a layer's pages.
  package func format(layer: Int) -> PageFormat { layers[layer].scheme.pageFormat(headSize: headSize) }

  /// Bytes of one block: 64 tokens' pages of every layer and kv-head, also of layers whose windows have left them behind.
  package var bytesPerBlock: Int {
    layers.indices.reduce(0) { $0 + keyValueHeads * format(layer: $1).byteCount }
  }

  /// Bytes of the unfinished page of one sequence and kv-head: K, then V, 64 tokens each in float16.
  var bytesPerTailHead: Int {
    2 * 2 * PageFormat.tokens * PageFormat(headSize: headSize, keyBits: 4, valueBits: 4).channels
  }

  /// Bytes of one sequence's unfinished pages, in float16.
  package var bytesPerTail: Int { layers.count * keyValueHeads * bytesPerTailHead }
}
