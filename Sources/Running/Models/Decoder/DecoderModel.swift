import Architectures
import KVCache
import Kernels
import TensorCore
import Vocabulary

/// A quantized decoder: tokens of several sequences in, logits out, keys and values kept in a paged cache.
///
/// Every row's result depends on its own sequence alone: the same bits for every batch, chunking and thread count.
/// Confined to one thread at a time; the pool's workers help inside a call.
package final class DecoderModel: SequenceModel {
  private let configuration: DecoderConfiguration
  package let traits: SequenceTraits
  package let limits: SequenceLimits
  package let cache: PagedKVCache
  private let weights: DecoderWeights
  private let head: LogitHead
  private let rotary: RotaryTable
  private let workspace: DecoderWorkspace
  /// What the next layer multiplies.
  private let activations: ActivationRows
  private let pool: WorkerPool

  package var queryHeads: Int { configuration.heads }

  /// - Parameter tensor: The pack's tensors by name; views keep the mapping alive.
  /// - Throws: ``ModelError`` where a tensor is missing or does not fit the configuration.
  package init(
    configuration: DecoderConfiguration, scheme: ModelScheme, limits: SequenceLimits, pool: WorkerPool,
    tensor: @escaping (String) -> TensorView?
  ) throws(ModelError) {
    do throws(ArchitectureError) {
      try configuration.validate()
      try scheme.validate(for: .decoder(configuration))
      if let feature = Self.unsupportedFeature(of: configuration) { throw feature }
    } catch {
      throw .configuration(error)
    }
    self.configuration = configuration
    traits = configuration.traits
    self.limits = limits
    self.pool = pool
    weights = try DecoderWeights(
      layers: configuration.layers,
      TensorLoader(table: configuration.tensorTable, scheme: scheme, tensor: tensor))
    head = LogitHead(full: weights.head, draft: weights.draftHead, rows: limits.logitRows)
    // No position beyond the cache is ever computed, and a long context's table takes longer than all else at load.
    rotary = RotaryTable(configuration, positions: limits.blocks * PageFormat.tokens)
    workspace = DecoderWorkspace(configuration, limits)
    activations = ActivationRows(configuration, limits)
    let shape = CacheShape(
      layers: scheme.attention, keyValueHeads: configuration.keyValueHeads, headSize: configuration.headSize)
    do {
      cache = try PagedKVCache(shape: shape, blocks: limits.blocks, sequences: limits.sequences)
    } catch {
      throw .cache(error.description)
    }
  }

  package func forward(_ batch: SequenceBatch) -> UnsafeBufferPointer<Float> {
    let count = batch.tokens.count
    precondition(count <= limits.stepTokens, "DecoderModel: \(count) tokens, at most \(limits.stepTokens)")
    precondition(
      batch.logitRows.count <= limits.logitRows, "DecoderModel: \(batch.logitRows.count) rows of logits")
    embed(batch.tokens)
    for index in 0..<configuration.layers {
      weights.layers[index].use { layer in
        attend(layer, index, batch.segments, rows: count)
        feedForward(layer, rows: count)
      }
    }
    return project(batch.logitRows)
  }

  package func copyHidden(row: Int, to output: UnsafeMutablePointer<Float>) {
    norms(weights.finalNorm).write(row, to: output)
  }

  private func embed(_ tokens: [TokenID]) {
    for (row, token) in tokens.enumerated() {
      precondition(token >= 0 && token.index < configuration.vocabulary, "DecoderModel: token \(token)")
      weights.embedding.copyRow(token.index, to: workspace.stream + row * configuration.width)
    }
  }

  /// `stream += output(attention(norm(stream)))`
  // Not inlined, here and below: what comes out of a parameter's fields is borrowed, and so not counted.
  @inline(never)
  private func attend(
    _ layer: DecoderWeights.Layer, _ index: Int, _ segments: [PagedKVCache.Segment], rows: Int
  ) {
    let (c, w) = (configuration, workspace)
    quantizeNorm(layer.attentionNorm, rows: rows, form: layer.queryKeyValue.form)
    let stride = c.queryKeyValueWidth
    layer.queryKeyValue.apply(activations, to: w.queryKeyValue, stride: stride, residual: nil, pool: pool)
    rotate(segments)
    let keys = w.queryKeyValue + c.heads * c.headSize
    segments.withUnsafeBufferPointer { segments in
      cache.attend(
        layer: index, segments: segments, q: w.queryKeyValue, k: keys, v: keys + c.keyValueHeads * c.headSize,
        stride: stride, out: w.attended, heads: c.heads, pool: pool)
    }
    activations.quantizeDynamic(
      w.attended, rows: rows, columns: c.heads * c.headSize, form: layer.attentionOutput.form, pool: pool)
    layer.attentionOutput.apply(activations, to: w.stream, stride: c.width, residual: w.stream, pool: pool)
  }

  /// `stream += down(silu(gate) · up)` of the normed stream
  @inline(never)
  private func feedForward(_ layer: DecoderWeights.Layer, rows: Int) {
    let (c, w) = (configuration, workspace)
    quantizeNorm(layer.feedForwardNorm, rows: rows, form: layer.gateUp.form)
    layer.gateUp.apply(activations, to: w.gateUp, stride: 2 * c.hidden, residual: nil, pool: pool)
    activations.quantizeDynamic(
      of: GatedRows(gateUp: w.gateUp, hidden: c.hidden), rows: rows, columns: c.hidden, form: layer.down.form,
      pool: pool)
    layer.down.apply(activations, to: w.stream, stride: c.width, residual: w.stream, pool: pool)
  }

  private func quantizeNorm(_ weight: TensorView, rows: Int, form: ActivationForm) {
    activations.quantizeDynamic(
      of: norms(weight), rows: rows, columns: configuration.width, form: form, pool: pool)
  }

  private func norms(_ weight: TensorView) -> NormalizedRows {
    NormalizedRows(
      input: workspace.stream, weight: weight.pointer(to: Float.self), width: configuration.width,
      epsilon: configuration.normEpsilon)
  }

  /// Rotates query and key heads in place; they are neighbours in the joined projection.
  private func rotate(_ segments: [PagedKVCache.Segment]) {
    let (c, stride) = (configuration, configuration.queryKeyValueWidth)
    for segment in segments {
      pool.forEachRow(
        segment.count, columns: stride,
        RotatedRows(
          heads: workspace.queryKeyValue + segment.row * stride, stride: stride,
          angles: rotary.angles(from: segment.position, count: segment.count),
          headCount: c.heads + c.keyValueHeads, headSize: c.headSize))
    }
  }

  private func project(_ logitRows: [Int]) -> UnsafeBufferPointer<Float> {
    let (c, w) = (configuration, workspace)
    guard !logitRows.isEmpty else { return UnsafeBufferPointer(start: w.logits, count: 0) }
    logitRows.withUnsafeBufferPointer {
      let norms = ChosenRows(rows: $0, source: norms(weights.finalNorm))
      activations.quantizeDynamic(
        of: norms, rows: logitRows.count, columns: c.width, form: head.form, pool: pool)
    }
    head.apply(activations, to: w.logits, pool: pool)
    return UnsafeBufferPointer(start: w.logits, count: logitRows.count * c.vocabulary)
  }
}

extension DecoderModel {
  /// Bytes of one cache block: 64 tokens of every layer and key–value head.
  package static func cacheBytesPerBlock(_ c: DecoderConfiguration, _ scheme: ModelScheme) -> Int {
    CacheShape(layers: scheme.attention, keyValueHeads: c.keyValueHeads, headSize: c.headSize).bytesPerBlock
  }
}
