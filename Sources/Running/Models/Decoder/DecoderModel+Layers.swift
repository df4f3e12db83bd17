import Architectures
import KVCache
import Kernels

/// The two branches of a layer: each reads the stream, normed or not, and adds to it.
extension DecoderModel {
  /// `stream += output(attention(stream))`
  // Not inlined, here and below: what comes out of a parameter's fields is borrowed, and so not counted.
  @inline(never)
  func attend(
    _ layer: DecoderWeights.Layer, _ index: Int, _ segments: [PagedKVCache.Segment], rows: Int
  ) {
    let (c, w) = (configuration, workspace)
    quantizeInput(layer.attentionNorm, rows: rows, form: layer.queryKeyValue.form)
    let stride = c.queryKeyValueWidth
    layer.queryKeyValue.apply(activations, to: w.queryKeyValue, stride: stride, residual: nil, pool: pool)
    if let norms = layer.headNorms {
      pool.forEachRow(rows, columns: stride, NormedHeads(w.queryKeyValue, norms, c))
    }
    if let angles = layer.angles { rotate(segments, by: angles) }
    let keys = w.queryKeyValue + c.heads * c.headSize
    segments.withUnsafeBufferPointer { segments in
      cache.attend(
        layer: index, segments: segments, q: w.queryKeyValue, k: keys, v: keys + c.keyValueHeads * c.headSize,
        stride: stride, out: w.attended, heads: c.heads, pool: pool)
    }
    activations.quantizeDynamic(
      w.attended, rows: rows, columns: c.heads * c.headSize, form: layer.attentionOutput.form, pool: pool)
    add(layer.attentionOutput, layer.attentionOutputNorm, rows: rows)
  }

  /// `stream += down(activation(gate) · up)` of the stream, its inputs mixed where the model has it so
  @inline(never)
  func feedForward(_ layer: DecoderWeights.Layer, rows: Int) {
    let (c, w) = (configuration, workspace)
    quantizeInput(layer.feedForwardNorm, rows: rows, form: layer.gateUp.form)
    layer.gateUp.apply(activations, to: w.gateUp, stride: 2 * c.hidden, residual: nil, pool: pool)
    activations.quantizeDynamic(
      of: GatedRows(gateUp: w.gateUp, hidden: c.hidden, kind: c.feedForward, mixed: c.downHadamard),
      rows: rows, columns: c.hidden, form: layer.down.form, pool: pool)
    add(layer.down, layer.feedForwardOutputNorm, rows: rows)
  }

  /// Adds what `layer` makes of the quantized rows to the stream, normed and scaled as the configuration says.
  @inline(__always)  // As a parameter of a call, the layer would be counted.
  private func add(_ layer: LinearLayer, _ norm: UnsafePointer<Float>?, rows: Int) {
    let (c, w) = (configuration, workspace)
    guard let branch = w.branch else {
      layer.apply(activations, to: w.stream, stride: c.width, residual: w.stream, pool: pool)
      return
    }
    layer.apply(activations, to: branch, stride: c.width, residual: nil, pool: pool)
    pool.forEachRow(
      rows, columns: c.width,
      BranchRows(
        branch: branch, stream: w.stream, norm: norm, scale: c.residualScale,
        width: c.width, epsilon: c.normEpsilon))
  }

  private func quantizeInput(_ weight: UnsafePointer<Float>?, rows: Int, form: ActivationForm) {
    let width = configuration.width
    if let weight {
      activations.quantizeDynamic(of: norm(weight), rows: rows, columns: width, form: form, pool: pool)
    } else {
      activations.quantizeDynamic(workspace.stream, rows: rows, columns: width, form: form, pool: pool)
    }
  }

  /// The stream's rows, normed.
  func norm(_ weight: UnsafePointer<Float>) -> NormalizedRows {
    NormalizedRows(
      input: workspace.stream, weight: weight, width: configuration.width,
      epsilon: configuration.normEpsilon)
  }

  /// Rotates query and key heads in place; they are neighbours in the joined projection.
  private func rotate(_ segments: [PagedKVCache.Segment], by angles: UnsafePointer<Float>) {
    let (c, stride, turned) = (configuration, configuration.queryKeyValueWidth, configuration.turnedChannels)
    for segment in segments {
      let end = segment.position + segment.count
      precondition(
        segment.position >= 0 && end <= positions, "DecoderModel: position \(end - 1) of \(positions)")
      pool.forEachRow(
        segment.count, columns: stride,
        RotatedRows(
          heads: workspace.queryKeyValue + segment.row * stride, stride: stride,
          angles: angles + segment.position * turned,
          headCount: c.heads + c.keyValueHeads, headSize: c.headSize, turned: turned))
    }
  }
}
