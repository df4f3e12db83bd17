import ScalarKernels
import TensorCore

/// A layer's weights and the kernels for them. The pieces of a loop share this value without counting
/// references.
struct WeightPanels {
  /// The weights from one channel on.
  enum Panel {
    case int8(Int8Blocks)
    case int4(Int4Blocks)
  }

  private let weights: Panel
  let kernels: Unretained<LinearKernels>
  /// Whether 4-bit weights are unpacked to 8 bits before they are multiplied, which pays for many rows.
  private let unpacks: Bool

  init(_ weights: Panel, _ kernels: LinearKernels, rows: Int) {
    self.weights = weights
    self.kernels = Unretained(kernels)
    if case .int4 = weights, let bulk = kernels.int4.bulk {
      unpacks = rows >= bulk.minRows
    } else {
      unpacks = false
    }
  }

  /// The most channels of one multiplication. Weights that are unpacked first are unpacked a panel at a time.
  var channelsAtOnce: Int { unpacks ? WeightLayout.panelChannels : .max }

  /// Bytes of scratch memory for the unpacked weights of a panel.
  var scratchByteCount: Int {
    guard unpacks, case .int4(let blocks) = weights else { return 0 }
    return blocks.groups * WeightLayout.group * WeightLayout.panelChannels
  }

  /// The weights of `count` channels from `channel` on, a multiple of 64; valid until `scratch` is used again.
  func panel(_ channel: Int, count: Int, scratch: UnsafeMutableRawPointer) -> Panel {
    switch weights {
    case .int8(let blocks): return .int8(blocks.advanced(blocks: channel / 16))
    case .int4(let blocks):
      let part = blocks.advanced(blocks: channel / 16)
      guard unpacks else { return .int4(part) }
      let codes = scratch.assumingMemoryBound(to: Int8.self)
      kernels.use { $0.int4.bulk?.unpack(part, (count + 15) / 16, codes) }
      return .int8(Int8Blocks(codes: codes, quads: blocks.groups * 8, continues: false))
    }
  }

  /// Whether ``multiply(_:_:_:_:to:)`` can give the codes of GELU for this number of rows without floats in
  /// between.
  func fusesGELU(rows: Int) -> Bool {
    if case .int4 = weights, !unpacks { return false }
    return kernels.use { rows >= $0.int8.gelu?.minRows ?? .max }
  }

  /// Multiplies and writes the codes of GELU.
  ///
  /// - Precondition: ``fusesGELU(rows:)`` is true for these rows.
  func multiply(
    _ rows: QuantizedRows, _ panel: Panel, _ constants: PanelOutput, _ gelu: FixedPointGELU,
    to codes: CodeRows
  ) {
    guard case .int8(let blocks) = panel else { return }
    kernels.use { $0.int8.gelu?.multiply(rows, blocks, constants, gelu, codes) }
  }

  func multiply(_ rows: QuantizedRows, _ panel: Panel, _ output: PanelOutput) {
    switch panel {
    case .int8(let blocks): kernels.use { $0.int8.multiply(rows, blocks, output) }
    case .int4(let blocks): kernels.use { $0.int4.multiply(rows, blocks, output) }
    }
  }
}

extension LinearLayer {
  /// The weights as a step of `rows` rows multiplies them.
  func panels(forRows rows: Int) -> WeightPanels { WeightPanels(weights, kernels, rows: rows) }
}
