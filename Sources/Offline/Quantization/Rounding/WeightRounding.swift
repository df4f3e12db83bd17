import Architectures
import Kernels
import TensorCore

/// How a layer's float32 weights are rounded to a format: first what its codes are worth, then which it takes.
///
/// One line of ``all`` a format.
struct WeightRounding: Sendable {
  /// A layer whose scales are chosen.
  struct Plan {
    /// The layer with every code at its nearest.
    let nearest: () -> QuantizedLayer
    let grid: RoundingGrid
    /// The layer with other codes, `[outputs, inputs]`, all within the grid.
    let layer: (_ codes: [Float]) -> QuantizedLayer
  }

  let format: WeightFormat
  /// - Parameter importance: The mean square of each input, where calibration gave it.
  let plan: @Sendable (_ weight: FloatTensor, _ importance: [Float]?, _ pool: WorkerPool?) -> Plan

  static let all = [
    WeightRounding(format: .int8) { weight, _, _ in
      let (rounding, columns) = (ChannelRounding(weight), weight.shape[1])
      return Plan(
        nearest: { QuantizedLayer(rounding, columns: columns) }, grid: rounding.grid(columns: columns),
        layer: { QuantizedLayer(ChannelRounding(codes: $0, scales: rounding.scales), columns: columns) })
    },
    WeightRounding(format: .int4) { weight, importance, pool in
      let rounding = GroupRounding(weight, importance: importance, pool: pool)
      let columns = weight.shape[1]
      return Plan(
        nearest: { QuantizedLayer(rounding, columns: columns) }, grid: rounding.grid(columns: columns),
        layer: { QuantizedLayer(GroupRounding(codes: $0, like: rounding), columns: columns) })
    },
  ]

  /// Every code at its nearest.
  func round(_ weight: FloatTensor, _ importance: [Float]?, pool: WorkerPool? = nil) -> QuantizedLayer {
    plan(weight, importance, pool).nearest()
  }

  /// - Precondition: The format is one of Architectures' list; a test holds both lists side by side.
  static func to(_ format: WeightFormat) -> WeightRounding {
    guard let rounding = all.first(where: { $0.format == format }) else {
      preconditionFailure("WeightRounding: nothing rounds to '\(format.name)'")
    }
    return rounding
  }
}

extension QuantizedLayer {
  fileprivate init(_ rounding: ChannelRounding, columns: Int) {
    self.init(
      format: .int8,
      codes: CodedWeights(codes: rounding.codes, outputs: rounding.scales.count, inputs: columns),
      scales: rounding.scales, dequantized: rounding.dequantized(columns: columns))
  }

  fileprivate init(_ rounding: GroupRounding, columns: Int) {
    self.init(
      format: .int4,
      codes: CodedWeights(
        codes: rounding.codes.map { Int8(bitPattern: $0) }, steps: rounding.steps, zeros: rounding.zeros,
        outputs: rounding.scales.count, inputs: rounding.paddedColumns),
      scales: rounding.scales, dequantized: rounding.dequantized(columns: columns))
  }
}
