import Architectures
import Kernels
import Models
import TensorCore

/// The float32 Vision Transformer: what quantized packs are measured against and calibrated with.
package struct FloatViT {
  package let configuration: VisionConfiguration
  private let weights: FloatWeights
  private let layers: FloatLayers

  /// - Parameter tensor: The checkpoint's tensors by their canonical names.
  package init(
    _ configuration: VisionConfiguration, pool: WorkerPool, tensor: @escaping (String) throws -> FloatTensor
  ) throws {
    self.configuration = configuration
    layers = FloatLayers(pool: pool)
    weights = try FloatWeights(configuration.tensorTable, tensor: tensor)
  }

  /// The hidden states of a pass over one image, for tests against stored references.
  package struct Trace {
    package var embeddings: FloatTensor
    package var blocks: [FloatTensor]
    package var norm: FloatTensor
    /// `[1, classes]`.
    package var logits: FloatTensor
  }

  /// Logits of one normalized image, `[channels, imageSize, imageSize]`.
  package func logits(_ image: [Float], hooks: ReferenceHooks = ReferenceHooks()) -> [Float] {
    trace(image, hooks: hooks).logits.values
  }

  /// As ``logits(_:hooks:)``, with every block's output.
  package func trace(_ image: [Float], hooks: ReferenceHooks = ReferenceHooks()) -> Trace {
    let embedded = embed(image, hooks)
    var (x, blocks) = (embedded, [FloatTensor]())
    for layer in 0..<configuration.layers {
      x = layers.add(x, attend(layer, x, hooks))
      x = layers.add(x, feedForward(layer, x, hooks))
      blocks.append(x)
    }
    let final = norm(x, .finalNorm)
    let token = FloatTensor(shape: [1, configuration.width], values: Array(final.row(0)))
    let logits = linear(token, weights.table[.head], hooks)
    return Trace(embeddings: embedded, blocks: blocks, norm: final, logits: logits)
  }

  private func embed(_ image: [Float], _ hooks: ReferenceHooks) -> FloatTensor {
    let c = configuration
    var rows = FloatTensor(
      shape: [c.patches, c.patchValues], values: [Float](repeating: 0, count: c.patches * c.patchValues))
    image.withUnsafeBufferPointer { image in
      rows.values.withUnsafeMutableBufferPointer {
        for patch in 0..<c.patches {
          c.patchGrid.extract(
            patch, of: .planes(image.baseAddress!), to: $0.baseAddress! + patch * c.patchValues)
        }
      }
    }
    let row = weights.table[.patches]
    hooks.input?(row.name, rows)
    let module = weights.module(row)
    let kernel = FloatTensor(shape: [c.width, c.patchValues], values: module.weight.values)
    let patches = layers.linear(rows, kernel, bias: module.bias)
    let tokens = FloatTensor(
      shape: [c.tokens, c.width], values: weights.vector(.classToken).values + patches.values)
    return layers.add(tokens, weights.vector(.positions))
  }

  private func attend(_ layer: Int, _ x: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    let (c, joined) = (configuration, weights.table[.queryKeyValue, layer])
    let input = norm(x, .attentionNorm, layer)
    hooks.input?(joined.name, input)
    let parts = (0..<3).map { layers.linear(input, weights, joined, part: $0) }
    let inputs = AttentionInputs(
      layer: layer, queries: parts[0], keys: parts[1], values: parts[2], heads: c.heads,
      keyValueHeads: c.heads, headSize: c.headSize, causal: false)
    let attended = hooks.attention?(inputs) ?? layers.attention(inputs)
    return linear(attended, weights.table[.attentionOutput, layer], hooks)
  }

  private func feedForward(_ layer: Int, _ x: FloatTensor, _ hooks: ReferenceHooks) -> FloatTensor {
    let up = linear(norm(x, .feedForwardNorm, layer), weights.table[.up, layer], hooks)
    let hidden = layers.mapRows(up) { _, values, output in
      GELUKernel.best(values, output, count: configuration.hidden)
    }
    return linear(hidden, weights.table[.down, layer], hooks)
  }

  private func linear(_ x: FloatTensor, _ row: TensorRow, _ hooks: ReferenceHooks) -> FloatTensor {
    hooks.input?(row.name, x)
    return layers.linear(x, weights, row)
  }

  private func norm(_ x: FloatTensor, _ role: TensorRole, _ layer: Int? = nil) -> FloatTensor {
    let (factors, offsets) = weights.norm(role, layer)
    return layers.mapRows(x) { _, values, output in
      LayerNormKernel.best(
        values, weight: factors, bias: offsets ?? [], output, count: factors.count,
        epsilon: configuration.normEpsilon)
    }
  }
}
