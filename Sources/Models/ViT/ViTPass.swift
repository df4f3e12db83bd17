import Kernels
import TensorCore

/// The forward pass of one image, with the memory it works in and the threads it works on.
final class ViTPass {
  private let configuration: ViTConfiguration
  private let scheme: ModelScheme
  private let weights: ViTWeights
  private let workspace: ViTWorkspace
  private let attention: BidirectionalAttention
  private let pool: WorkerPool

  init(_ configuration: ViTConfiguration, _ scheme: ModelScheme, _ weights: ViTWeights, pool: WorkerPool) {
    self.configuration = configuration
    self.scheme = scheme
    self.weights = weights
    self.pool = pool
    workspace = ViTWorkspace(configuration)
    attention = BidirectionalAttention(
      heads: configuration.heads, headSize: configuration.headSize, tokens: configuration.tokens, pool: pool)
  }

  /// Computes `image`, `[channels, imageSize, imageSize]`, and writes logits and class token at `index` of `results`.
  func run(_ image: UnsafePointer<Float>, into results: ViTResults, at index: Int) {
    let c = configuration
    embed(image)
    for (layer, block) in weights.blocks.enumerated() {
      attend(block, scheme.attention[layer])
      feedForward(block)
    }
    let token = results.embeddings + index * c.width
    normalize(weights.finalNorm, from: workspace.stream, to: token)
    apply(weights.head, to: token, output: results.logits + index * c.classes, rows: 1)
  }

  /// `stream = [class token; patches · W + b] + positions`
  private func embed(_ image: UnsafePointer<Float>) {
    let (c, w) = (configuration, workspace)
    PatchRows.extract(image, c, to: w.wide)
    apply(weights.patches, to: w.wide, output: w.normed, rows: c.patches)
    w.stream.update(from: weights.positions.pointer(to: Float.self), count: c.tokens * c.width)
    AddKernel.best(weights.classToken.pointer(to: Float.self), to: w.stream, count: c.width)
    AddKernel.best(w.normed, to: w.stream + c.width, count: c.patches * c.width)
  }

  private func attend(_ block: ViTWeights.Block, _ scheme: AttentionScheme) {
    let (c, w) = (configuration, workspace)
    normalize(block.attentionNorm)
    apply(block.queryKeyValue, to: w.normed, output: w.wide, rows: c.tokens)
    attention(
      scheme, images: 1, q: w.wide, k: w.wide + c.width, v: w.wide + 2 * c.width, stride: 3 * c.width,
      output: w.normed)
    apply(block.attentionOutput, to: w.normed, output: w.stream, residual: w.stream, rows: c.tokens)
  }

  private func feedForward(_ block: ViTWeights.Block) {
    let (c, w) = (configuration, workspace)
    normalize(block.feedForwardNorm)
    apply(block.up, to: w.normed, output: w.wide, rows: c.tokens)
    pool.forEachRow(c.tokens, columns: c.hidden) { row in
      let values = w.wide + row * c.hidden
      GELUKernel.best(values, values, count: c.hidden)
    }
    apply(block.down, to: w.wide, output: w.stream, residual: w.stream, rows: c.tokens)
  }

  private func normalize(_ norm: ViTWeights.Norm) {
    let (c, w) = (configuration, workspace)
    pool.forEachRow(c.tokens, columns: c.width) { row in
      normalize(norm, from: w.stream + row * c.width, to: w.normed + row * c.width)
    }
  }

  private func normalize(
    _ norm: ViTWeights.Norm, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>
  ) {
    LayerNormKernel.best(
      input, weight: norm.weight.pointer(to: Float.self), bias: norm.bias.pointer(to: Float.self), output,
      count: configuration.width, epsilon: configuration.layerNormEpsilon)
  }

  private func apply(
    _ linear: ViTWeights.StaticLinear, to input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    residual: UnsafePointer<Float>? = nil, rows: Int
  ) {
    workspace.rows.quantizeStatic(
      input, rows: rows, columns: linear.layer.inputs, scale: linear.scale, zero: linear.zero,
      form: linear.layer.form, pool: pool)
    linear.layer.apply(
      workspace.rows, to: output, stride: linear.layer.outputs, residual: residual, pool: pool)
  }
}
