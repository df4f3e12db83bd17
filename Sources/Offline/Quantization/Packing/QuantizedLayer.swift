import Kernels
import TensorCore

/// A linear layer's weights after rounding, in either format.
enum QuantizedLayer {
  case int8(ChannelRounding, columns: Int)
  case int4(GroupRounding, columns: Int)

  init(_ weight: FloatTensor, bits: Int, importance: [Float]? = nil) {
    let columns = weight.shape[1]
    self =
      bits == 8
      ? .int8(ChannelRounding(weight), columns: columns)
      : .int4(GroupRounding(weight, importance: importance), columns: columns)
  }

  /// The weights as the kernels see them, `[n, k]`.
  var dequantized: FloatTensor {
    switch self {
    case .int8(let rounding, let columns): rounding.dequantized(columns: columns)
    case .int4(let rounding, let columns): rounding.dequantized(columns: columns)
    }
  }

  /// The pack's tensors of the layer `name`, in the layout that the kernels read.
  func tensors(_ name: String) -> [PackTensor] {
    switch self {
    case .int8(let rounding, let columns):
      let packed = PackedInt8Weights(
        rowMajor: rounding.codes, outputs: rounding.scales.count, inputs: columns)
      return [
        PackTensor(name + ".codes", .i8, [packed.codes.count], packed.codes.map { UInt8(bitPattern: $0) }),
        PackTensor(name + ".scales", floats: rounding.scales),
        PackTensor(name + ".sums", integers: packed.sums),
      ]
    case .int4(let rounding, _):
      let packed = PackedInt4Weights(
        rowMajor: rounding.codes, steps: rounding.steps, zeros: rounding.zeros,
        outputs: rounding.scales.count,
        inputs: rounding.paddedColumns)
      return [
        PackTensor(name + ".codes", .u8, [packed.codes.count], packed.codes),
        PackTensor(name + ".metas", .u8, [packed.metas.count], packed.metas),
        PackTensor(name + ".scales", floats: rounding.scales),
        PackTensor(name + ".sums", integers: packed.sums),
      ]
    }
  }
}

extension FloatTensor {
  /// Matrices of the same width, rows one after another.
  static func joinRows(_ parts: [FloatTensor]) -> FloatTensor {
    FloatTensor(
      shape: [parts.reduce(0) { $0 + $1.shape[0] }, parts[0].shape[1]], values: parts.flatMap(\.values))
  }
}
