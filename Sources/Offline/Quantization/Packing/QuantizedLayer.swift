import Architectures
import Kernels
import TensorCore

/// A linear layer's weights after rounding.
struct QuantizedLayer: Sendable {
  let format: WeightFormat
  let codes: CodedWeights
  /// `[n]`.
  let scales: [Float]
  /// The weights as the kernels see them, `[n, k]`.
  let dequantized: FloatTensor

  /// The pack's tensors of the layer `name`, in the layout that the kernels read.
  func tensors(_ name: String) -> [PackTensor] {
    let parts = codes.packed(as: format)
    return format.tensors.map { tensor in
      let name = WeightFormat.tensorName(name, tensor.part)
      guard tensor.part != .scales else { return PackTensor(name, floats: scales) }
      let bytes = parts[tensor.part] ?? []
      return PackTensor(name, tensor.type, [bytes.count / tensor.type.byteSize], bytes)
    }
  }
}
