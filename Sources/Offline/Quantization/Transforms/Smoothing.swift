import Architectures
import Glibc
import Kernels
import TensorCore

/// The factors of a layer's input channels that make the quantized layer's output most exact.
struct Smoothing {
  /// `[inputs]`, with a geometric mean of 1.
  let factors: [Float]

  private static let exponents: [Double] = [0, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1]
  /// Rows of the sample that candidates are tried on.
  private static let rows = 256

  /// - Parameters:
  ///   - weight: `[outputs, inputs]`.
  ///   - mixed: How many vectors of inputs a Hadamard transform mixes behind the factors.
  init(
    _ seen: ActivationStatistics, _ weight: FloatTensor, mixed: Int, pool: WorkerPool
  ) {
    let sample = seen.sampleRows
    let count = min(Self.rows, sample.shape[0])
    let x = FloatTensor(
      shape: [count, sample.shape[1]], values: Array(sample.values.prefix(count * sample.shape[1])))
    let exact = LayerError.product(x, weight, pool: pool)
    let ranges = zip(seen.minimum, seen.maximum).map { Double(max(-$0, $1)) }
    let weights = weight.columnRanges
    let candidates = Self.exponents.map { Self.factors(ranges, weights, exponent: $0) }
    let errors = candidates.map { factors in
      LayerError.relative(
        exact, Self.product(x, weight, factors, mixed, pool))
    }
    factors = candidates[errors.indices.min { errors[$0] < errors[$1] } ?? 0]
  }

  /// The layer's output with both sides in 8 bits, whatever its weights will have: what factors change is the input.
  private static func product(
    _ x: FloatTensor, _ weight: FloatTensor, _ factors: [Float], _ mixed: Int,
    _ pool: WorkerPool
  ) -> [Float] {
    let input = x.scalingColumns(factors.map { 1 / $0 }).mixingColumns(mixed).quantizedRows
    let scaled = weight.scalingColumns(factors).mixingColumns(mixed, scale: 1 / Double(mixed))
    let rounded = WeightRounding.to(.int8).round(scaled, nil).dequantized
    return LayerError.product(input, rounded, pool: pool)
  }

  private static func factors(_ ranges: [Double], _ weights: [Double], exponent: Double) -> [Float] {
    guard exponent > 0 else { return [Float](repeating: 1, count: ranges.count) }
    let logarithms = zip(ranges, weights).map { range, weight in
      range > 0 && weight > 0
        ? exponent * log2(range) - (1 - exponent) * log2(weight) : 0
    }
    let mean = logarithms.reduce(0, +) / Double(max(1, logarithms.count))
    return logarithms.map { Float(exp2(min(max($0 - mean, -10), 10))) }
  }
}

extension FloatTensor {
  /// The largest magnitude of each column of a matrix.
  fileprivate var columnRanges: [Double] {
    var ranges = [Double](repeating: 0, count: shape[1])
    for (index, value) in values.enumerated() {
      ranges[index % shape[1]] = max(ranges[index % shape[1]], Double(abs(value)))
    }
    return ranges
  }

  /// Each row as 8-bit codes of its own scale see it.
  var quantizedRows: FloatTensor {
    var result = self
    let columns = shape[1]
    for row in 0..<shape[0] {
      let range = row * columns..<(row + 1) * columns
      let scale = values[range].reduce(Float(0)) { max($0, abs($1)) } / 127
      guard scale > 0 else { continue }
      for index in range { result.values[index] = (values[index] / scale).rounded(.toNearestOrEven) * scale }
    }
    return result
  }
}
