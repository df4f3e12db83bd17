import ScalarKernels
import TensorCore

extension LinearLayer {
  /// Writes `y[m, 0..<outputs]` to `output + m · stride` for every row of `x`.
  ///
  /// - Parameters:
  ///   - x: Rows of `inputs` columns, in this layer's ``form`` (or `signed`).
  ///   - stride: Elements from one row of the output to the next, at least `outputs`.
  ///   - residual: Same stride; added last. May be `output` itself.
  /// - Complexity: O(rows · outputs · inputs). With AVX-512 and 4-bit weights, each thread unpacks a panel of 64
  ///   channels at a time into its scratch memory where there are many rows.
  package func apply(
    _ x: ActivationRows, to output: UnsafeMutablePointer<Float>, stride: Int,
    residual: UnsafePointer<Float>? = nil, pool: WorkerPool
  ) {
    check(x)
    precondition(stride >= outputs, "LinearLayer: stride \(stride) for \(outputs) outputs")
    let split = WorkSplit(rows: x.rows, channels: outputs, inputs: inputs, threads: pool.threads)
    let panels = panels(forRows: x.rows)
    pool.forEach(
      split.count,
      FloatPieces(
        split: split, rows: x.quantized, panels: panels,
        output: self.output(to: output, stride: stride, residual: residual),
        scratch: pool.scratch(byteCount: panels.scratchByteCount)))
  }

  /// Traps unless the rows have as many columns as the layer has inputs, in a form that its kernels read.
  func check(_ x: ActivationRows) {
    precondition(x.columns == inputs, "LinearLayer: \(x.columns) columns, but the layer has \(inputs) inputs")
    precondition(form == .unsigned || x.form == .signed, "LinearLayer: 4-bit weights read signed rows")
  }

  /// The layer's constants, together with where the result goes.
  func output(
    to base: UnsafeMutablePointer<Float>, stride: Int, residual: UnsafePointer<Float>? = nil
  ) -> PanelOutput {
    PanelOutput(
      scales: constants.scales, columnSums: constants.columnSums, bias: constants.bias, channels: outputs,
      base: base,
      stride: stride, residual: residual)
  }
}

/// The pieces of a layer whose results are stored as floats.
private struct FloatPieces: LoopBody {
  let split: WorkSplit
  let rows: QuantizedRows
  let panels: WeightPanels
  let output: PanelOutput
  let scratch: AlignedParts

  func run(_ index: Int, worker: Int) {
    let (row, channels) = (split.rows(index), split.channels(index))
    let slice = rows.slice(from: row.lowerBound, count: row.count)
    var channel = channels.lowerBound
    while channel < channels.upperBound {
      let count = min(panels.channelsAtOnce, channels.upperBound - channel)
      panels.multiply(
        slice, panels.panel(channel, count: count, scratch: scratch[worker]),
        output.slice(row: row.lowerBound, channel: channel, count: count))
      channel += count
    }
  }
}
