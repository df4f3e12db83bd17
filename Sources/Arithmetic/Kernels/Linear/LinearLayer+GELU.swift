import ScalarKernels
import TensorCore

extension LinearLayer {
  /// Writes the codes of `gelu(y)` to `target`, as the next layer reads them. The hidden layer is never stored
  /// as floats.
  ///
  /// With AVX-512 and many rows a tile's results never leave the registers. Otherwise a worker multiplies
  /// ``GELUPieces/tileRows`` rows of a panel of channels into its scratch memory, and quantizes them while they
  /// lie in its first-level cache. The bits are those of the steps one after the other.
  ///
  /// - Parameter x: Statically quantized rows of `inputs` columns, in this layer's ``form`` (or `signed`).
  /// - Complexity: As ``apply(_:to:stride:residual:pool:)``.
  package func applyGELU(
    _ x: ActivationRows, to target: ActivationRows, _ next: GELUInput, pool: WorkerPool
  ) {
    check(x)
    precondition(x.isStatic, "LinearLayer: rows with scales of their own before GELU")
    target.beginStatic(x.rows, outputs, next.input)
    let split = WorkSplit(rows: x.rows, channels: outputs, inputs: inputs, threads: pool.threads)
    let panels = panels(forRows: x.rows)
    let scratch = pool.scratch(byteCount: GELUPieces.tileByteCount + panels.scratchByteCount)
    pool.forEach(
      split.count,
      GELUPieces(
        split: split, rows: x.quantized, panels: panels,
        // The base is replaced by each worker's own scratch memory.
        constants: output(
          to: scratch[0].assumingMemoryBound(to: Float.self), stride: WeightLayout.panelChannels),
        target: target.codes, gelu: next.gelu, scratch: scratch))
  }
}

/// The pieces of a layer that ends in GELU.
struct GELUPieces: LoopBody {
  /// Rows of floats between the multiplication and the codes. Ten tiles of 6 rows and the 64 channels of a
  /// panel take 15 KiB, about half of a small first-level cache.
  static let tileRows = 60

  let split: WorkSplit
  let rows: QuantizedRows
  let panels: WeightPanels
  let constants: PanelOutput
  let target: CodeRows
  let gelu: FixedPointGELU
  let scratch: AlignedParts

  static let tileByteCount = 4 * tileRows * WeightLayout.panelChannels

  func run(_ index: Int, worker: Int) {
    let (rows, channels) = (split.rows(index), split.channels(index))
    let fused = target.first.signed == nil && panels.fusesGELU(rows: rows.count)
    let width = fused ? panels.channelsAtOnce : WeightLayout.panelChannels
    var channel = channels.lowerBound
    while channel < channels.upperBound {
      let part = channel..<min(channel + width, channels.upperBound)
      let panel = panels.panel(channel, count: part.count, scratch: scratch[worker] + Self.tileByteCount)
      if fused {
        fuse(panel, rows, part)
      } else {
        step(panel, rows, part, scratch[worker].assumingMemoryBound(to: Float.self))
      }
      channel = part.upperBound
    }
  }

  private func fuse(_ panel: WeightPanels.Panel, _ rows: Range<Int>, _ channels: Range<Int>) {
    panels.multiply(
      self.rows.slice(from: rows.lowerBound, count: rows.count), panel,
      constants.slice(row: 0, channel: channels.lowerBound, count: channels.count), gelu,
      to: target.slice(row: rows.lowerBound, column: channels.lowerBound, columns: channels.count))
  }

  /// Computes a panel of channels by way of floats, ``tileRows`` rows at a time.
  private func step(
    _ panel: WeightPanels.Panel, _ rows: Range<Int>, _ channels: Range<Int>,
    _ values: UnsafeMutablePointer<Float>
  ) {
    var output = constants.slice(row: 0, channel: channels.lowerBound, count: channels.count)
    output.base = values
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tileRows) {
      let count = min(Self.tileRows, rows.upperBound - first)
      panels.multiply(self.rows.slice(from: first, count: count), panel, output)
      panels.kernels.use {
        $0.quantize.gelu(
          values, WeightLayout.panelChannels, count, gelu,
          target.slice(row: first, column: channels.lowerBound, columns: channels.count))
      }
    }
  }
}
