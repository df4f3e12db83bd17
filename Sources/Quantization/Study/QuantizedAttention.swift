import KVBlocks
import KVCache
import Kernels
import Models
import TensorCore

/// The quantized attention of one scheme on float32 inputs: the kernels that serve, outside a model.
public struct QuantizedAttention {
  public let scheme: AttentionScheme
  public let pool: WorkerPool

  public init(scheme: AttentionScheme, pool: WorkerPool) {
    self.scheme = scheme
    self.pool = pool
  }

  /// Attention `[tokens, heads · headSize]` of `inputs`.
  public func callAsFunction(_ inputs: AttentionInputs) -> FloatTensor {
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
    let shape = CacheShape(layers: [scheme], keyValueHeads: inputs.keyValueHeads, headSize: inputs.headSize)
    let cache = PagedKVCache(shape: shape, blocks: blocks, sequences: 1)
    let table = (0..<blocks).map { BlockID(rawValue: Int32($0)) }
    table.withUnsafeBufferPointer { table in
      let segment = PagedKVCache.Segment(
        slot: 0, blockTable: table.baseAddress!, position: 0, count: inputs.tokens, row: 0)
      joined(inputs).withUnsafeBufferPointer { rows in
        let base = rows.baseAddress!
        cache.attend(
          layer: 0, segments: [segment], queries: base, keys: base + inputs.keyOffset,
          values: base + inputs.valueOffset, inputStride: inputs.joinedWidth, output: output,
          outputStride: inputs.heads * inputs.headSize, heads: inputs.heads, pool: pool)
      }
    }
  }

  private func bidirectional(_ inputs: AttentionInputs, to output: UnsafeMutablePointer<Float>) {
    let attention = BidirectionalAttention(
      tokens: inputs.tokens, heads: inputs.heads, headSize: inputs.headSize, maxBatch: 1)
    joined(inputs).withUnsafeBufferPointer { rows in
      let base = rows.baseAddress!
      attention.run(
        images: 1, queries: base, keys: base + inputs.keyOffset, values: base + inputs.valueOffset,
        inputStride: inputs.joinedWidth, output: output, outputStride: inputs.heads * inputs.headSize,
        scheme: scheme, pool: pool)
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
  fileprivate var keyOffset: Int { heads * headSize }
  fileprivate var valueOffset: Int { keyOffset + keyValueHeads * headSize }
  fileprivate var joinedWidth: Int { valueOffset + keyValueHeads * headSize }
}
