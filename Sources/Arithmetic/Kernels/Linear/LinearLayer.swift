import Architectures
import ScalarKernels
import TensorCore

/// A linear layer with packed weights: `y[m, n] = x[m, k] · wᵀ (+ bias) (+ residual)`.
///
/// A step reads plain addresses that `init` found; the tensors' views keep the memory that they point to.
///
/// Results are the same bits for every instruction set, batch size and thread count; see <doc:Numerics>.
package final class LinearLayer: @unchecked Sendable {
  // Sendable: the weights are as immutable as the views.

  package let outputs: Int
  package let inputs: Int
  let format: WeightFormat
  let weights: WeightPanels.Panel
  let constants: ChannelConstants
  let kernels: LinearKernels
  /// The tensors' views, which keep the memory that `weights` points to.
  private let views: [TensorView]

  /// Checks every tensor's type and byte count against `n` and `k`: they come from files.
  ///
  /// - Parameter bias: F32, `[n]`, where there is one.
  /// - Complexity: O(`n`): copies scales, sums and bias; the weights are read where they lie.
  package init(
    _ tensors: WeightTensors, bias: TensorView?, outputs n: Int, inputs k: Int,
    kernels: LinearKernels = .selected
  ) throws(LinearLayerError) {
    let extent = try Extent(outputs: n, inputs: k)
    constants = try extent.constants(tensors, bias)
    weights = WeightCodec.of(tensors.format).panel(tensors, k)
    format = tensors.format
    views = tensors.owners
    self.kernels = kernels
    outputs = n
    inputs = k
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

/// The extents of a layer, and checks of a file's tensors against them.
private struct Extent {
  let outputs, inputs: Int

  /// The most outputs: far more than any vocabulary has, and few enough that byte counts cannot overflow.
  private static let maxOutputs = 1 << 32

  init(outputs: Int, inputs: Int) throws(LinearLayerError) {
    guard outputs > 0, inputs > 0, outputs <= Self.maxOutputs, inputs <= WeightLayout.maxInputs else {
      throw .badExtent(outputs: outputs, inputs: inputs, maxInputs: WeightLayout.maxInputs)
    }
    self.outputs = outputs
    self.inputs = inputs
  }

  func check(_ view: TensorView, _ name: String, _ type: ElementType, count: Int) throws(LinearLayerError) {
    guard view.type == type else { throw .wrongType(tensor: name, found: view.type, expected: type) }
    let expected = count * type.byteSize
    guard view.bytes.count == expected else {
      throw .wrongSize(
        tensor: name, found: view.bytes.count, expected: expected, outputs: outputs, inputs: inputs)
    }
  }

  /// Checks the tensors of the format and the bias, and copies what belongs to each channel.
  func constants(
    _ tensors: WeightTensors, _ bias: TensorView?
  ) throws(LinearLayerError) -> ChannelConstants {
    for tensor in tensors.format.tensors {
      try check(
        tensors[tensor.part], tensor.part.rawValue, tensor.type, count: tensor.count(outputs, inputs))
    }
    if let bias { try check(bias, "bias", .f32, count: outputs) }
    return ChannelConstants(
      channels: outputs, scales: tensors[.scales].bytes, columnSums: tensors[.columnSums].bytes,
      bias: bias?.bytes)
  }
}
