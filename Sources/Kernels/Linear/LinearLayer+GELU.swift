import ScalarKernels
import TensorCore

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
    check(x)
    target.beginStatic(x.rows, outputs, input)
    let split = WorkSplit(rows: x.rows, channels: outputs, inputs: inputs, threads: pool.threads)
    let panels = panels(forRows: x.rows)
    let scratch = pool.scratch(byteCount: GELUPieces.tileByteCount + panels.scratchByteCount)
    pool.forEach(
      split.count,
      GELUPieces(
        split: split, rows: x.quantized, panels: panels,
        // Each worker's own scratch memory takes the place of the first one's.
        constants: output(
          to: scratch[0].assumingMemoryBound(to: Float.self), stride: WeightLayout.panelChannels),
        target: target.codes, quantization: input.quantization, scratch: scratch))
  }
}

/// The pieces of a layer that ends in GELU.
struct GELUPieces: LoopBody {
  /// Rows of floats between the multiplication and the codes: 15 KiB with the 64 channels of a panel.
  static let tileRows = 60

  let split: WorkSplit
  let rows: QuantizedRows
  let panels: WeightPanels
  let constants: PanelOutput
  let target: CodeRows
  let quantization: StaticQuantization
  let scratch: AlignedParts

  static let tileByteCount = 4 * tileRows * WeightLayout.panelChannels

  func run(_ index: Int, worker: Int) {
    let (rows, channels) = (split.rows(index), split.channels(index))
    let (scratch, width) = (scratch[worker], WeightLayout.panelChannels)
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
    panels.kernels.use {
      $0.quantize.gelu(
        values, WeightLayout.panelChannels, tile.count, quantization,
        target.slice(row: tile.lowerBound, column: channel, columns: count))
    }
  }
}
