import TensorCore

/// 8-bit weights: symmetric codes with one scale per output channel.
package struct ChannelRounding: Sendable {
  /// `[n, k]`, each in −127…127.
  package let codes: [Int8]
  /// `[n]`: `weight ≈ code · scale`; 0 for a channel of zeros.
  package let scales: [Float]

  /// Rounds `weight`, `[n, k]`, finite, to nearest: `scale = max|w| / 127` of the row, so `|code · scale − w| ≤ scale / 2`.
  ///
  /// A row whose scale is below the smallest float counts as zeros; the largest code times the scale is finite.
  package init(_ weight: FloatTensor) {
    let (n, k) = (weight.shape[0], weight.shape[1])
    var codes = [Int8](repeating: 0, count: n * k)
    var scales = [Float](repeating: 0, count: n)
    for row in 0..<n {
      let values = weight.row(row)
      let absmax = values.reduce(Float(0)) { max($0, abs($1)) }
      let nearest = absmax / 127
      guard nearest > 0 else { continue }
      scales[row] = (127 * nearest).isFinite ? nearest : nearest.nextDown
      for (column, value) in values.enumerated() {
        let code = (value / scales[row]).rounded(.toNearestOrEven)
        codes[row * k + column] = Int8(max(-127, min(127, code)))
      }
    }
    self.codes = codes
    self.scales = scales
  }

  /// The same scales with other codes, `[n, k]`.
  init(codes: [Float], scales: [Float]) {
    self.codes = codes.map { Int8($0) }
    self.scales = scales
  }

  /// What a code may be, and what it is worth.
  func grid(columns k: Int) -> RoundingGrid {
    RoundingGrid(
      inputs: k, groupSize: k,
      groups: scales.map { RoundingGrid.Group(unit: $0, lowest: -127, highest: 127) })
  }

  /// The weights as the kernels see them, `[n, k]`.
  package func dequantized(columns k: Int) -> FloatTensor {
    let values = codes.enumerated().map { Float($1) * scales[$0 / k] }
    return FloatTensor(shape: [scales.count, k], values: values)
  }
}
