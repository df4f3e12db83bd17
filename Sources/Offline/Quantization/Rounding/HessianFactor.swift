import Kernels

/// The second moments of a layer's input made ready for rounding: damped, in the order in which columns are rounded.
///
/// Columns go by falling diagonal, so that what matters most is rounded while all others can still make up for it.
struct HessianFactor {
  let columns: Int
  /// The column that is rounded at each step.
  let order: [Int]
  /// The damped matrix in that order, `[columns, columns]`.
  let matrix: [Float]
  /// How much of each earlier error a column takes over: row `j` holds, for each step `i < j`, the weight of the error
  /// at `i` in what is rounded at `j`; `[columns, columns]`, zero from the diagonal on.
  let feedback: [Float]

  /// What is added to the diagonal, as a share of its mean.
  static let damping = 0.01

  /// - Returns: nil where no positive definite matrix came of the rows seen.
  init?(_ moments: SecondMoments, pool: WorkerPool) {
    let diagonal = moments.diagonal
    let mean = diagonal.reduce(0.0) { $0 + Double($1) } / Double(max(1, diagonal.count))
    guard mean > 0, mean.isFinite else { return nil }
    columns = moments.columns
    order = diagonal.indices.sorted { (-diagonal[$0], $0) < (-diagonal[$1], $1) }
    matrix = Self.ordered(moments, order, scale: 1 / mean)
    // Rounding begins at the last row of the factor: see `sweep`.
    guard let factor = CholeskyFactor(Self.reversed(matrix, columns), size: columns, pool: pool) else {
      return nil
    }
    feedback = Self.feedback(factor, columns)
  }

  private static func ordered(_ moments: SecondMoments, _ order: [Int], scale: Double) -> [Float] {
    var result = [Float](repeating: 0, count: order.count * order.count)
    for (row, from) in order.enumerated() {
      for (column, other) in order.enumerated() {
        result[row * order.count + column] = Float(Double(moments.values[from * order.count + other]) * scale)
      }
      result[row * order.count + row] += Float(damping)
    }
    return result
  }

  private static func reversed(_ matrix: [Float], _ size: Int) -> [Double] {
    matrix.reversed().map { Double($0) }
  }

  /// With `H = L · Lᵀ` in reversed order, the error of a row of weights is `‖e · L‖²`, and term `j` of it vanishes for
  /// `e[j] = −Σ e[i] · L[i][j] / L[j][j]` over the steps `i` before.
  private static func feedback(_ factor: CholeskyFactor, _ size: Int) -> [Float] {
    var result = [Float](repeating: 0, count: size * size)
    for step in 0..<size {
      let column = size - 1 - step
      let pivot = factor.values[column * size + column]
      for earlier in 0..<step {
        result[step * size + earlier] = Float(factor.values[(size - 1 - earlier) * size + column] / pivot)
      }
    }
    return result
  }
}
