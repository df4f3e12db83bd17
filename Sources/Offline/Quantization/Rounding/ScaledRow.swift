/// A row of weights times a power of two, so that squares and sums of its values stay within float32.
///
/// A power of two changes no code and no choice between candidates, only whether they can be computed: the squared error
/// of weights above 2⁶⁴ is infinite, that of weights below 2⁻⁷⁵ is 0.
struct ScaledRow {
  let values: [Float]
  /// The row is `values · 2^exponent`.
  let exponent: Int

  /// Exponents of the largest magnitude that need no scaling; no layer of a trained model leaves them.
  private static let ordinary = -32...32

  /// - Parameter row: Finite.
  init(_ row: [Float]) {
    let largest = row.reduce(Float(0)) { max($0, abs($1)) }
    guard largest > 0, !Self.ordinary.contains(Int(largest.exponent)) else {
      (values, exponent) = (row, 0)
      return
    }
    let exponent = Int(largest.exponent)
    values = row.map { Self.scaled($0, by: -exponent) }
    self.exponent = exponent
  }

  /// `scale` of the scaled row as that of the row itself; 0 where that is below the smallest float.
  func restored(_ scale: Float) -> Float { Self.scaled(scale, by: exponent) }

  private static func scaled(_ x: Float, by exponent: Int) -> Float {
    Float(sign: .plus, exponent: exponent, significand: x)
  }
}

/// Sums of squares over `rows` rows as weights of errors, none of them 0.
func errorWeights(_ squares: [Double], rows: Int) -> [Float] {
  errorWeights(squares.map { $0 / Double(max(1, rows)) }).map { $0 + 1e-12 }
}

/// Mean squares as weights of errors: in float32, and scaled down together where their sums could overflow there.
///
/// Only their ratios matter.
func errorWeights(_ meanSquares: [Double]) -> [Float] {
  let (largest, limit) = (meanSquares.max() ?? 0, 0x1p40)
  guard largest > limit else { return meanSquares.map { Float($0) } }
  return meanSquares.map { Float($0 * (limit / largest)) }
}
