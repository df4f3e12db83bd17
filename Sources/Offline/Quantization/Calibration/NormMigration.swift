import Glibc
import TensorCore

/// Moves the unequal ranges of a LayerNorm's output channels into the weights that read it, exactly.
///
/// Channel c is shifted by `shift[c]` and divided by `ratio[c]`: `x' = (x − shift) / ratio`. The norm takes
/// `weight / ratio` and `(bias − shift) / ratio`; the layer takes `W · ratio` and `b + W · shift`. One scale per tensor then
/// serves all channels. Sources: RepQ-ViT, arXiv 2212.08254; the exponent on the ratio trades activation error against
/// weight error and is searched.
package struct NormMigration: Sendable {
  package let ratio: [Float]
  package let shift: [Float]

  /// - Parameter exponent: 0 leaves the scales alone, 1 makes all channel ranges equal.
  package init(_ statistics: ActivationStatistics, exponent: Float) {
    let halves = zip(statistics.minimum, statistics.maximum).map { max(halfRange($0, $1), 1e-6) }
    let median = halves.sorted()[halves.count / 2]
    ratio = halves.map { power($0 / median, exponent) }
    shift = zip(statistics.minimum, statistics.maximum).map { exponent > 0 ? halfRange(-$0, $1) : 0 }
  }

  /// Whether what is divided by the ratios stays what it is: they may lie further apart than float32 reaches.
  var isUsable: Bool { ratio.allSatisfy { $0.isNormal } }

  package func input(_ x: FloatTensor) -> FloatTensor {
    var result = x
    for index in result.values.indices {
      let column = index % ratio.count
      result.values[index] = (x.values[index] - shift[column]) / ratio[column]
    }
    return result
  }

  package func weight(_ w: FloatTensor) -> FloatTensor {
    var result = w
    for index in result.values.indices { result.values[index] = w.values[index] * ratio[index % ratio.count] }
    return result
  }

  /// The layer's bias with `W · shift` added, in double.
  package func bias(_ bias: [Float], weight w: FloatTensor) -> [Float] {
    bias.enumerated().map { row, value in
      Float(zip(w.row(row), shift).reduce(Double(value)) { $0 + Double($1.0) * Double($1.1) })
    }
  }

  package func normWeight(_ weight: [Float]) -> [Float] { zip(weight, ratio).map { $0 / $1 } }

  package func normBias(_ bias: [Float]) -> [Float] {
    bias.indices.map { (bias[$0] - shift[$0]) / ratio[$0] }
  }
}

/// `(high − low) / 2`, also where the difference is beyond float32.
private func halfRange(_ low: Float, _ high: Float) -> Float {
  let range = high - low
  return range.isFinite ? range / 2 : high / 2 - low / 2
}

/// `base ^ exponent` for a positive base.
private func power(_ base: Float, _ exponent: Float) -> Float {
  exponent == 0 ? 1 : Float(pow(Double(base), Double(exponent)))
}
