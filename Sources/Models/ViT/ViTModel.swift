import Kernels
import TensorCore

/// A quantized Vision Transformer: a batch of normalized images in, class logits out.
///
/// Each image's result is the same bits in every batch and for every thread count. Confined to one thread at a time.
public final class ViTModel {
  public let configuration: ViTConfiguration
  /// Images of one call.
  public let maxBatch: Int
  private let scheme: ModelScheme
  private let weights: ViTWeights
  private let workspace: ViTWorkspace
  private let attention: BidirectionalAttention
  private let pool: WorkerPool

  /// - Parameter tensor: The pack's tensors by name; views keep the mapping alive.
  /// - Throws: ``ModelError`` where a tensor is missing or does not fit the configuration.
  public init(
    configuration: ViTConfiguration, scheme: ModelScheme, maxBatch: Int, pool: WorkerPool,
    tensor: @escaping (String) -> TensorView?
  ) throws(ModelError) {
    try configuration.validate()
    try scheme.validate(layers: configuration.layers)
    self.configuration = configuration
    self.scheme = scheme
    self.maxBatch = maxBatch
    self.pool = pool
    weights = try ViTWeights(configuration, TensorLoader(tensor: tensor))
    workspace = ViTWorkspace(configuration, maxBatch: maxBatch)
    attention = BidirectionalAttention(
      heads: configuration.heads, headSize: configuration.headSize, tokens: configuration.tokens, pool: pool)
  }

  /// Classifies `count` images, `[count, channels, imageSize, imageSize]`, already normalized.
  ///
  /// - Returns: Logits `[count, classes]`, valid until the next call.
  public func classify(_ images: UnsafePointer<Float>, count: Int) -> UnsafeBufferPointer<Float> {
    precondition(count <= maxBatch, "ViTModel: \(count) images, at most \(maxBatch)")
    let rows = count * configuration.tokens
    embed(images, count: count)
    for (index, block) in weights.blocks.enumerated() {
      attend(block, scheme.attention[index], count: count)
      feedForward(block, rows: rows)
    }
    return project(count)
  }

  /// The normalized class token of image `index` of the last call, `[width]`: what `embed` answers.
  public func embedding(_ index: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: workspace.normed + index * configuration.width, count: configuration.width)
  }

  /// `stream = [class token; patches · W + b] + positions`
  private func embed(_ images: UnsafePointer<Float>, count: Int) {
    let (c, w, weights) = (configuration, workspace, weights)
    pool.forEach(count) { image in
      PatchRows.extract(
        images + image * c.channels * c.imageSize * c.imageSize, c,
        to: w.patchRows + image * c.patches * c.patchValues)
    }
    quantize(w.patchRows, weights.patches, rows: count * c.patches)
    weights.patches.layer.apply(w.rows, to: w.patchOutput, stride: c.width, residual: nil, pool: pool)
    pool.forEach(count) { image in
      let stream = w.stream + image * c.tokens * c.width
      stream.update(from: weights.positions.pointer(to: Float.self), count: c.tokens * c.width)
      AddKernel.best(weights.classToken.pointer(to: Float.self), to: stream, count: c.width)
      AddKernel.best(
        w.patchOutput + image * c.patches * c.width, to: stream + c.width, count: c.patches * c.width)
    }
  }

  private func attend(_ block: ViTWeights.Block, _ scheme: AttentionScheme, count: Int) {
    let (c, w) = (configuration, workspace)
    let rows = count * c.tokens
    normalize(block.attentionNorm, rows: rows)
    apply(block.queryKeyValue, to: w.normed, output: w.wide, rows: rows)
    attention(
      scheme, images: count, q: w.wide, k: w.wide + c.width, v: w.wide + 2 * c.width, stride: 3 * c.width,
      output: w.normed)
    apply(block.attentionOutput, to: w.normed, output: w.stream, residual: w.stream, rows: rows)
  }

  private func feedForward(_ block: ViTWeights.Block, rows: Int) {
    let (c, w) = (configuration, workspace)
    normalize(block.feedForwardNorm, rows: rows)
    apply(block.up, to: w.normed, output: w.wide, rows: rows)
    pool.forEach(rows) { row in
      let values = w.wide + row * c.hidden
      GELUKernel.best(values, values, count: c.hidden)
    }
    apply(block.down, to: w.wide, output: w.stream, residual: w.stream, rows: rows)
  }

  private func project(_ count: Int) -> UnsafeBufferPointer<Float> {
    let (c, w) = (configuration, workspace)
    for image in 0..<count {
      normalize(
        weights.finalNorm, from: w.stream + image * c.tokens * c.width, to: w.normed + image * c.width)
    }
    apply(weights.head, to: w.normed, output: w.logits, rows: count)
    return UnsafeBufferPointer(start: w.logits, count: count * c.classes)
  }

  private func normalize(_ norm: ViTWeights.Norm, rows: Int) {
    let (width, w) = (configuration.width, workspace)
    pool.forEach(rows) { row in normalize(norm, from: w.stream + row * width, to: w.normed + row * width) }
  }

  private func normalize(
    _ norm: ViTWeights.Norm, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>
  ) {
    LayerNormKernel.best(
      input, weight: norm.weight.pointer(to: Float.self), bias: norm.bias.pointer(to: Float.self), output,
      count: configuration.width, epsilon: configuration.layerNormEpsilon)
  }

  private func quantize(_ input: UnsafePointer<Float>, _ linear: ViTWeights.StaticLinear, rows: Int) {
    workspace.rows.quantizeStatic(
      input, rows: rows, columns: linear.layer.inputs, scale: linear.scale, zero: linear.zero,
      form: linear.layer.form, pool: pool)
  }

  private func apply(
    _ linear: ViTWeights.StaticLinear, to input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    residual: UnsafePointer<Float>? = nil, rows: Int
  ) {
    quantize(input, linear, rows: rows)
    linear.layer.apply(
      workspace.rows, to: output, stride: linear.layer.outputs, residual: residual, pool: pool)
  }
}
