import Architectures
import KVBlocks
import KVCache
import Kernels
import Reference
import TensorCore

/// The quantized attention of one scheme on float32 inputs: the kernels that serve, outside a model.
package struct QuantizedAttention {
  package let scheme: AttentionScheme
  package let pool: WorkerPool

  package init(scheme: AttentionScheme, pool: WorkerPool) {
    self.scheme = scheme
    self.pool = pool
  }

  /// Attention `[tokens, heads · headSize]` of `inputs`.
  package func callAsFunction(_ inputs: AttentionInputs) -> FloatTensor {
    var output = FloatTensor(
      shape: inputs.queries.shape, values: [Float](repeating: 0, count: inputs.queries.values.count))
    output.values.withUnsafeMutableBufferPointer { buffer in
      guard let target = buffer.baseAddress else { return }
      if inputs.causal { causal(inputs, to: target) } else { bidirectional(inputs, to: target) }
    }
    return output
  }

  private func causal(_ inputs: AttentionInputs, to output: UnsafeMutablePointer<Float>) {
    let blocks = (inputs.tokens + 63) / 64
    let shape = CacheShape(
      layers: [inputs.cacheLayer(scheme)], keyValueHeads: inputs.keyValueHeads, headSize: inputs.headSize)
    let cache = Self.reserve(shape, blocks: blocks)
    let table = (0..<blocks).map { BlockID(rawValue: Int32($0)) }
    table.withUnsafeBufferPointer { table in
      let segment = PagedKVCache.Segment(
        slot: 0, blockTable: table.baseAddress!, position: 0, count: inputs.tokens, row: 0)
      joined(inputs).withUnsafeBufferPointer { rows in
        let base = rows.baseAddress!
        withUnsafePointer(to: segment) { segment in
          cache.attend(
            layer: 0, segments: UnsafeBufferPointer(start: segment, count: 1), q: base,
            k: base + inputs.keyOffset,
            v: base + inputs.valueOffset, stride: inputs.joinedWidth, out: output, heads: inputs.heads,
            pool: pool)
        }
      }
    }
  }

  private static func reserve(_ shape: CacheShape, blocks: Int) -> PagedKVCache {
    do {
      return try PagedKVCache(shape: shape, blocks: blocks, sequences: 1)
    } catch {
      preconditionFailure("a cache for one sequence of a model in memory: \(error)")
    }
  }

  private func bidirectional(_ inputs: AttentionInputs, to output: UnsafeMutablePointer<Float>) {
    let attention = BidirectionalAttention(
      heads: inputs.heads, headSize: inputs.headSize, tokens: inputs.tokens, pool: pool)
    joined(inputs).withUnsafeBufferPointer { rows in
      let base = rows.baseAddress!
      attention(
        scheme, images: 1, q: base, k: base + inputs.keyOffset, v: base + inputs.valueOffset,
        stride: inputs.joinedWidth, output: output)
    }
  }

  /// q, k and v side by side in each row, as the models' joined projection writes them.
  private func joined(_ inputs: AttentionInputs) -> [Float] {
    (0..<inputs.tokens).flatMap { token in
      Array(inputs.queries.row(token)) + Array(inputs.keys.row(token)) + Array(inputs.values.row(token))
    }
  }
}

extension AttentionInputs {
  /// The codes of `scheme` with this layer's window and logits.
  fileprivate func cacheLayer(_ scheme: AttentionScheme) -> CacheShape.Layer {
    var codes = scheme
    codes.window = rule.window ?? scheme.window
    let logits = LogitRule(scale: rule.scale.map(Double.init), cap: rule.softCap.map(Double.init))
    return CacheShape.Layer(codes, logits: logits)
  }

  fileprivate var keyOffset: Int { heads * headSize }
  fileprivate var valueOffset: Int { keyOffset + keyValueHeads * headSize }
  fileprivate var joinedWidth: Int { valueOffset + keyValueHeads * headSize }
}
