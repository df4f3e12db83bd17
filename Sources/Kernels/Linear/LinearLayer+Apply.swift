import ScalarKernels

extension LinearLayer {
  /// Writes `y[m, 0..<outputs]` to `output + m · stride` for every row of `x`.
  ///
  /// - Parameters:
  ///   - x: Rows of `inputs` columns, in this layer's ``form`` (or `signed`).
  ///   - stride: Elements from one row of the output to the next, at least `outputs`.
  ///   - residual: Same stride; added last. May be `output` itself.
  /// - Complexity: O(rows · outputs · inputs). With AVX-512 and 4-bit weights, each thread unpacks a panel of 64
  ///   channels at a time into its scratch memory where there are many rows.
  public func apply(
    _ x: ActivationRows, to output: UnsafeMutablePointer<Float>, stride: Int,
    residual: UnsafePointer<Float>? = nil, pool: WorkerPool
  ) {
    precondition(x.columns == inputs, "LinearLayer: \(x.columns) columns, but the layer has \(inputs) inputs")
    precondition(stride >= outputs, "LinearLayer: stride \(stride) for \(outputs) outputs")
    precondition(form == .unsigned || x.form == .signed, "LinearLayer: 4-bit weights read signed rows")
    let target = PanelOutput(
      scales: constants.scales, sums: constants.sums, bias: constants.bias, channels: outputs, base: output,
      stride: stride, residual: residual)
    switch weights {
    case .int8(let codes):
      let blocks = Int8Blocks(codes: codes.pointer(to: Int8.self), quads: (inputs + 3) / 4)
      multiply(x.quantized, blocks, target, pool)
    case .int4(let codes, let metas):
      let blocks = Int4Blocks(
        codes: codes.pointer(to: UInt8.self), metas: metas.pointer(to: UInt8.self), groups: (inputs + 31) / 32
      )
      multiply(x.quantized, blocks, target, pool)
    }
  }

  private func multiply(
    _ rows: QuantizedRows, _ weights: Int8Blocks, _ output: PanelOutput, _ pool: WorkerPool
  ) {
    let split = WorkSplit(rows: rows.count, channels: outputs, inputs: inputs, threads: pool.threads)
    let multiply = kernels.int8.multiply
    pool.forEach(
      split.count, Int8Pieces(split: split, rows: rows, weights: weights, output: output, multiply: multiply))
  }

  private func multiply(
    _ rows: QuantizedRows, _ weights: Int4Blocks, _ output: PanelOutput, _ pool: WorkerPool
  ) {
    let split = WorkSplit(rows: rows.count, channels: outputs, inputs: inputs, threads: pool.threads)
    if let bulk = kernels.int4.bulk, rows.count >= bulk.minRows {
      pool.reserveScratch(byteCount: weights.groups * WeightLayout.group * WeightLayout.panelChannels)
      pool.forEach(
        split.count,
        UnpackedPieces(
          split: split, rows: rows, weights: weights, output: output, unpack: bulk.unpack,
          multiply: kernels.int8.multiply, pool: pool))
    } else {
      let multiply = kernels.int4.multiply
      pool.forEach(
        split.count, Int4Pieces(split: split, rows: rows, weights: weights, output: output, multiply: multiply))
    }
  }
}

private struct Int8Pieces: LoopBody {
  let split: WorkSplit
  let rows: QuantizedRows
  let weights: Int8Blocks
  let output: PanelOutput
  let multiply: @Sendable (QuantizedRows, Int8Blocks, PanelOutput) -> Void

  func run(_ index: Int, worker: Int) {
    let (row, channel) = (split.rows(index), split.channels(index))
    multiply(
      rows.slice(from: row.lowerBound, count: row.count), weights.advanced(blocks: channel.lowerBound / 16),
      output.slice(row: row.lowerBound, channel: channel.lowerBound, count: channel.count))
  }
}

private struct Int4Pieces: LoopBody {
  let split: WorkSplit
  let rows: QuantizedRows
  let weights: Int4Blocks
  let output: PanelOutput
  let multiply: @Sendable (QuantizedRows, Int4Blocks, PanelOutput) -> Void

  func run(_ index: Int, worker: Int) {
    let (row, channel) = (split.rows(index), split.channels(index))
    multiply(
      rows.slice(from: row.lowerBound, count: row.count), weights.advanced(blocks: channel.lowerBound / 16),
      output.slice(row: row.lowerBound, channel: channel.lowerBound, count: channel.count))
  }
}

/// By panels, each unpacked into the worker's scratch memory, where it stays in cache for all rows.
private struct UnpackedPieces: LoopBody {
  let split: WorkSplit
  let rows: QuantizedRows
  let weights: Int4Blocks
  let output: PanelOutput
  let unpack: @Sendable (Int4Blocks, Int, UnsafeMutablePointer<Int8>) -> Void
  let multiply: @Sendable (QuantizedRows, Int8Blocks, PanelOutput) -> Void
  // The loop holds it; no reference counting on worker threads.
  unowned(unsafe) let pool: WorkerPool

  func run(_ index: Int, worker: Int) {
    let (row, channels) = (split.rows(index), split.channels(index))
    let slice = rows.slice(from: row.lowerBound, count: row.count)
    let scratch = pool.scratch(of: worker).assumingMemoryBound(to: Int8.self)
    for channel in stride(from: channels.lowerBound, to: channels.upperBound, by: WeightLayout.panelChannels) {
      let count = min(WeightLayout.panelChannels, channels.upperBound - channel)
      unpack(weights.advanced(blocks: channel / 16), (count + 15) / 16, scratch)
      multiply(
        slice, Int8Blocks(codes: scratch, quads: weights.groups * 8),
        output.slice(row: row.lowerBound, channel: channel, count: count))
    }
  }
}
