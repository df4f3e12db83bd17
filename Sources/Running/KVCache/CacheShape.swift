import Architectures
import Kernels

/// What a model needs of a cache: its layers' schemes and the shape of K and V.
package struct CacheShape: Sendable, Equatable {
  package let layers: [AttentionScheme]
  package let keyValueHeads: Int
  package let headSize: Int

  package init(layers: [AttentionScheme], keyValueHeads: Int, headSize: Int) {
    self.layers = layers
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
  }

  /// The layout of a layer's pages.
  package func format(layer: Int) -> PageFormat { layers[layer].pageFormat(headSize: headSize) }

  /// Bytes of one block: 64 tokens' pages of every layer and kv-head.
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
