import ScalarKernels

extension LinearLayer {
  /// Writes the codes of `gelu(y)` to `target`, as the next layer reads them: the hidden layer never exists in floats.
  ///
  /// A tile of ``GELUPieces/tileRows`` rows and a panel of channels lies in the worker's scratch memory, in its first-level
  /// cache, between the multiplication and the codes. The bits are those of the steps one after the other.
  ///
  /// - Parameter input: How the next layer wants its input quantized.
  public func applyGELU(
    _ x: ActivationRows, to target: ActivationRows, _ input: StaticInput, pool: WorkerPool
  ) {
    precondition(x.columns == inputs, "LinearLayer: \(x.columns) columns, but the layer has \(inputs) inputs")
    precondition(form == .unsigned || x.form == .signed, "LinearLayer: 4-bit weights read signed rows")
    target.beginStatic(x.rows, outputs, input)
    let split = WorkSplit(rows: x.rows, channels: outputs, inputs: inputs, threads: pool.threads)
    let pieces = GELUPieces(self, split, x.quantized, target.codes, input.quantization, pool)
    pool.reserveScratch(byteCount: pieces.scratchByteCount)
    pool.forEach(split.count, pieces)
  }
}

/// The pieces of a layer that ends in GELU.
struct GELUPieces: LoopBody {
  /// Rows of floats between the multiplication and the codes: 15 KiB with the 64 channels of a panel.
  static let tileRows = 60

  private let split: WorkSplit
  private let rows: QuantizedRows
  private let panels: WeightPanels
  private let constants: PanelOutput
  private let target: CodeRows
  private let quantization: StaticQuantization
  private let encode: @Sendable (UnsafePointer<Float>, Int, Int, StaticQuantization, CodeRows) -> Void
  // The loop holds it; no reference counting on worker threads.
  private unowned(unsafe) let pool: WorkerPool

  private static let tileByteCount = 4 * tileRows * WeightLayout.panelChannels

  init(
    _ layer: LinearLayer, _ split: WorkSplit, _ rows: QuantizedRows, _ target: CodeRows,
    _ quantization: StaticQuantization, _ pool: WorkerPool
  ) {
    self.split = split
    self.rows = rows
    self.target = target
    self.quantization = quantization
    self.pool = pool
    panels = layer.panels(forRows: rows.count)
    // The scratch memory of the worker takes the place of `base`.
    constants = layer.output(
      to: pool.scratch(of: 0).assumingMemoryBound(to: Float.self), stride: WeightLayout.panelChannels)
    encode = layer.kernels.quantize.gelu
  }

  var scratchByteCount: Int { Self.tileByteCount + panels.scratchByteCount }

  func run(_ index: Int, worker: Int) {
    let (rows, channels) = (split.rows(index), split.channels(index))
    let (scratch, width) = (pool.scratch(of: worker), WeightLayout.panelChannels)
    for channel in stride(from: channels.lowerBound, to: channels.upperBound, by: width) {
      let count = min(width, channels.upperBound - channel)
      let panel = panels.panel(channel, count: count, scratch: scratch + Self.tileByteCount)
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tileRows) {
        let tile = first..<min(first + Self.tileRows, rows.upperBound)
        finish(panel, tile, channel: channel, count: count, scratch.assumingMemoryBound(to: Float.self))
      }
    }
  }

  private func finish(
    _ panel: WeightPanels.Panel, _ tile: Range<Int>, channel: Int, count: Int,
    _ values: UnsafeMutablePointer<Float>
  ) {
    var output = constants.slice(row: 0, channel: channel, count: count)
    output.base = values
    panels.multiply(rows.slice(from: tile.lowerBound, count: tile.count), panel, output)
    encode(
      values, WeightLayout.panelChannels, tile.count, quantization,
      target.slice(row: tile.lowerBound, column: channel, columns: count))
  }
}
