import Architectures
import Kernels
import TensorCore

/// How a layer's float32 weights are rounded to a format.
///
/// One line of ``all`` a format.
struct WeightRounding: Sendable {
  let format: WeightFormat
  /// - Parameter importance: The mean square of each input, where calibration gave it.
  let round: @Sendable (_ weight: FloatTensor, _ importance: [Float]?) -> QuantizedLayer

  static let all = [
    WeightRounding(format: .int8) { weight, _ in
      let (rounding, columns) = (ChannelRounding(weight), weight.shape[1])
      return QuantizedLayer(
        format: .int8,
        codes: CodedWeights(codes: rounding.codes, outputs: rounding.scales.count, inputs: columns),
        scales: rounding.scales, dequantized: rounding.dequantized(columns: columns))
    },
    WeightRounding(format: .int4) { weight, importance in
      let rounding = GroupRounding(weight, importance: importance)
      return QuantizedLayer(
        format: .int4,
        codes: CodedWeights(
          codes: rounding.codes.map { Int8(bitPattern: $0) }, steps: rounding.steps, zeros: rounding.zeros,
          outputs: rounding.scales.count, inputs: rounding.paddedColumns),
        scales: rounding.scales, dequantized: rounding.dequantized(columns: weight.shape[1]))
    },
  ]

  /// - Precondition: The format is one of Architectures' list; a test holds both lists side by side.
  static func to(_ format: WeightFormat) -> WeightRounding {
    guard let rounding = all.first(where: { $0.format == format }) else {
      preconditionFailure("WeightRounding: nothing rounds to '\(format.name)'")
    }
    return rounding
  }
}
