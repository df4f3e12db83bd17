import ScalarKernels
import TensorCore

/// A linear layer with packed weights: `y[m, n] = x[m, k] · wᵀ (+ bias) (+ residual)`.
///
/// A step reads plain addresses that are found at load; the tensors' views keep what these point to.
///
/// Results are the same bits for every instruction set, batch size and thread count; see <doc:Numerics>.
package final class LinearLayer: @unchecked Sendable {
  // Sendable: the weights are as immutable as the views.

  /// Packed 8-bit weights, see ``PackedInt8Weights``.
  package struct Int8Tensors: Sendable {
    /// I8, `n` padded to 16 times `k` padded to 4.
    package var codes: TensorView
    /// F32, `[n]`.
    package var scales: TensorView
    /// I32, `[n]`.
    package var sums: TensorView

    package init(codes: TensorView, scales: TensorView, sums: TensorView) {
      self.codes = codes
      self.scales = scales
      self.sums = sums
    }
  }

  /// Packed two-level 4-bit weights, see ``PackedInt4Weights``.
  package struct Int4Tensors: Sendable {
    /// U8, `n` padded to 16 times `k` padded to 32, halved.
    package var codes: TensorView
    /// U8, `n` padded to 16 times the groups of `k`.
    package var metas: TensorView
    /// F32, `[n]`.
    package var scales: TensorView
    /// I32, `[n]`.
    package var sums: TensorView

    package init(codes: TensorView, metas: TensorView, scales: TensorView, sums: TensorView) {
      self.codes = codes
      self.metas = metas
      self.scales = scales
      self.sums = sums
    }
  }

  package let outputs: Int
  package let inputs: Int
  let weights: WeightPanels.Panel
  let constants: ChannelConstants
  let kernels: LinearKernels
  /// They keep the memory that `weights` points to.
  private let views: [TensorView]

  /// Checks every tensor's type and byte count against `n` and `k`: they come from files.
  ///
  /// - Parameter bias: F32, `[n]`, where there is one.
  /// - Complexity: O(`n`): copies scales, sums and bias; the weights are read where they lie.
  package convenience init(
    int8: Int8Tensors, bias: TensorView?, outputs n: Int, inputs k: Int, kernels: LinearKernels = .selected
  ) throws(LinearLayerError) {
    let extent = try Extent(outputs: n, inputs: k)
    try extent.check(
      int8.codes, "codes", .i8,
      count: extent.blocks * WeightLayout.roundUp(k, to: WeightLayout.quad) * WeightLayout.blockChannels)
    let blocks = Int8Blocks(
      codes: int8.codes.pointer(to: Int8.self), quads: (k + WeightLayout.quad - 1) / WeightLayout.quad,
      continues: true)
    self.init(
      .int8(blocks), in: [int8.codes], constants: try extent.constants(int8.scales, int8.sums, bias), extent,
      kernels)
  }

  package convenience init(
    int4: Int4Tensors, bias: TensorView?, outputs n: Int, inputs k: Int, kernels: LinearKernels = .selected
  ) throws(LinearLayerError) {
    let extent = try Extent(outputs: n, inputs: k)
    let groups = WeightLayout.roundUp(k, to: WeightLayout.group) / WeightLayout.group
    try extent.check(
      int4.codes, "codes", .u8,
      count: extent.blocks * groups * WeightLayout.group * WeightLayout.blockChannels / 2)
    try extent.check(int4.metas, "metas", .u8, count: extent.blocks * groups * WeightLayout.blockChannels)
    let blocks = Int4Blocks(
      codes: int4.codes.pointer(to: UInt8.self), groupScales: int4.metas.pointer(to: UInt8.self),
      groups: groups)
    self.init(
      .int4(blocks), in: [int4.codes, int4.metas],
      constants: try extent.constants(int4.scales, int4.sums, bias),
      extent, kernels)
  }

  private init(
    _ weights: WeightPanels.Panel, in views: [TensorView], constants: ChannelConstants, _ extent: Extent,
    _ kernels: LinearKernels
  ) {
    self.weights = weights
    self.views = views
    self.constants = constants
    self.kernels = kernels
    outputs = extent.outputs
    inputs = extent.inputs
  }

  /// The form in which this layer reads its input; a layer that wants `unsigned` reads `signed` rows as well.
  package var form: ActivationForm {
    switch weights {
    case .int8: .unsigned
    case .int4: kernels.int4.form
    }
  }
}

/// Scale, sum and bias of each output channel, padded with zeros to whole panels so that kernels load full
/// registers.
struct ChannelConstants: @unchecked Sendable {
  // Sendable: written by `init` alone.

  let scales: UnsafePointer<Float>
  let columnSums: UnsafePointer<Int32>
  let bias: UnsafePointer<Float>
  private let storage: AlignedStorage

  init(
    channels: Int, scales: UnsafeRawBufferPointer, columnSums: UnsafeRawBufferPointer,
    bias: UnsafeRawBufferPointer?
  ) {
    let padded = WeightLayout.roundUp(channels, to: WeightLayout.panelChannels)
    storage = AlignedStorage(byteCount: padded * 12)
    storage.baseAddress.copyMemory(from: scales.baseAddress!, byteCount: channels * 4)
    (storage.baseAddress + padded * 4).copyMemory(from: columnSums.baseAddress!, byteCount: channels * 4)
    if let bias {
      (storage.baseAddress + padded * 8).copyMemory(from: bias.baseAddress!, byteCount: channels * 4)
    }
    self.scales = UnsafePointer(storage.pointer(to: Float.self))
    self.columnSums = UnsafePointer(storage.pointer(to: Int32.self)) + padded
    self.bias = self.scales + 2 * padded
  }
}

/// The extents of a layer, with the checks of what a file says about it.
private struct Extent {
  let outputs, inputs: Int

  /// Outputs beyond which byte counts could overflow: far more than any vocabulary.
  private static let maxOutputs = 1 << 32

  init(outputs: Int, inputs: Int) throws(LinearLayerError) {
    guard outputs > 0, inputs > 0, outputs <= Self.maxOutputs, inputs <= WeightLayout.maxInputs else {
      throw .badExtent(outputs: outputs, inputs: inputs, maxInputs: WeightLayout.maxInputs)
    }
    self.outputs = outputs
    self.inputs = inputs
  }

  var blocks: Int {
    WeightLayout.roundUp(outputs, to: WeightLayout.blockChannels) / WeightLayout.blockChannels
  }

  func check(_ view: TensorView, _ name: String, _ type: ElementType, count: Int) throws(LinearLayerError) {
    guard view.type == type else { throw .wrongType(tensor: name, found: view.type, expected: type) }
    let expected = count * type.byteSize
    guard view.bytes.count == expected else {
      throw .wrongSize(
        tensor: name, found: view.bytes.count, expected: expected, outputs: outputs, inputs: inputs)
    }
  }

  func constants(
    _ scales: TensorView, _ sums: TensorView, _ bias: TensorView?
  ) throws(LinearLayerError) -> ChannelConstants {
    try check(scales, "scales", .f32, count: outputs)
    try check(sums, "sums", .i32, count: outputs)
    if let bias { try check(bias, "bias", .f32, count: outputs) }
    return ChannelConstants(
      channels: outputs, scales: scales.bytes, columnSums: sums.bytes, bias: bias?.bytes)
  }
}
