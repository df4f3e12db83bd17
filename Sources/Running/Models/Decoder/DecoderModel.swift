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
  let configuration: DecoderConfiguration
  package let traits: SequenceTraits
  package let limits: SequenceLimits
  package let cache: PagedKVCache
  let weights: DecoderWeights
  private let head: LogitHead
  /// Positions that rotary tables have.
  let positions: Int
  let workspace: DecoderWorkspace
  /// What the next layer multiplies.
  let activations: ActivationRows
  let pool: WorkerPool

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
    } catch {
      throw .configuration(error)
    }
    self.configuration = configuration
    traits = configuration.traits
    self.limits = limits
    self.pool = pool
    // No position beyond the cache is ever computed, and a long context's table takes longer than all else at load.
    positions = min(configuration.context, limits.blocks * PageFormat.tokens)
    weights = try DecoderWeights(
      configuration,
      TensorLoader(table: configuration.tensorTable, scheme: scheme, tensor: tensor),
      RotaryTables(configuration, positions: positions))
    head = LogitHead(full: weights.head, draft: weights.draftHead, rows: limits.logitRows)
    workspace = DecoderWorkspace(configuration, limits)
    activations = ActivationRows(configuration, limits)
    do {
      cache = try PagedKVCache(
        shape: configuration.cacheShape(scheme), blocks: limits.blocks, sequences: limits.sequences)
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
    norm(weights.finalNorm.pointer(to: Float.self)).write(row, to: output)
    addHeadMatrix(to: output, rows: 1)
  }

  private func embed(_ tokens: [TokenID]) {
    for (row, token) in tokens.enumerated() {
      precondition(token >= 0 && token.index < configuration.vocabulary, "DecoderModel: token \(token)")
      weights.embedding.copyRow(
        token.index, to: workspace.stream + row * configuration.width, scale: configuration.embeddingScale)
    }
  }

  private func project(_ logitRows: [Int]) -> UnsafeBufferPointer<Float> {
    let (c, w) = (configuration, workspace)
    guard !logitRows.isEmpty else { return UnsafeBufferPointer(start: w.logits, count: 0) }
    quantizeFinalStates(logitRows)
    head.apply(activations, to: w.logits, pool: pool)
    let rule = LogitRows(
      logits: w.logits, vocabulary: c.vocabulary, scale: c.logitScale, softCap: c.logitSoftCap)
    if rule.changesLogits { pool.forEachRow(logitRows.count, columns: c.vocabulary, rule) }
    return UnsafeBufferPointer(start: w.logits, count: logitRows.count * c.vocabulary)
  }

  /// Quantizes what the head multiplies: the final states of `rows`.
  private func quantizeFinalStates(_ rows: [Int]) {
    let (width, form) = (configuration.width, head.form)
    rows.withUnsafeBufferPointer {
      let normed = ChosenRows(rows: $0, source: norm(weights.finalNorm.pointer(to: Float.self)))
      guard let states = workspace.finalStates else {
        return activations.quantizeDynamic(
          of: normed, rows: rows.count, columns: width, form: form, pool: pool)
      }
      for row in 0..<rows.count { normed.write(row, to: states + row * width) }
      addHeadMatrix(to: states, rows: rows.count)
      activations.quantizeDynamic(states, rows: rows.count, columns: width, form: form, pool: pool)
    }
  }

  /// Adds what the head matrix makes of normed final states, `[rows, width]`, to them, where the model has one.
  private func addHeadMatrix(to states: UnsafeMutablePointer<Float>, rows: Int) {
    let width = configuration.width
    weights.headMatrix?.use { matrix in
      activations.quantizeDynamic(states, rows: rows, columns: width, form: matrix.form, pool: pool)
      matrix.apply(activations, to: states, stride: width, residual: states, pool: pool)
    }
  }
}

extension DecoderModel {
  /// Bytes of one cache block: 64 tokens of every layer and key–value head.
  package static func cacheBytesPerBlock(_ c: DecoderConfiguration, _ scheme: ModelScheme) -> Int {
    CacheShape(layers: scheme.attention, keyValueHeads: c.keyValueHeads, headSize: c.headSize).bytesPerBlock
  }
}

extension DecoderConfiguration {
  /// What the model needs of its cache: the codes of `scheme`, the windows and logits of the configuration.
  func cacheShape(_ scheme: ModelScheme) -> CacheShape {
    let logits = LogitRule(scale: attentionScale.map(Double.init), cap: attentionSoftCap.map(Double.init))
    let layers = scheme.attention.enumerated().map { layer, codes in
      var codes = codes
      codes.window = window(ofLayer: layer) ?? codes.window
      return CacheShape.Layer(codes, logits: logits)
    }
    return CacheShape(layers: layers, keyValueHeads: keyValueHeads, headSize: headSize)
  }
}
