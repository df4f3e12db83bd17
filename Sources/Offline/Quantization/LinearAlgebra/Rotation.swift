import Glibc
import Kernels
import TensorCore
import Vocabulary

/// An orthogonal matrix that spreads every channel over all others: `Q ⊗ H`, an orthogonal matrix of the odd part of the
/// size and a Hadamard matrix of its power of two.
///
/// Applying it takes `odd + log₂ power` multiplications and additions a value. Source: QuaRot, arXiv 2404.00456.
struct Rotation: Sendable {
  let size: Int
  /// `[odd, odd]`, row-major.
  private let dense: [Double]
  private let odd: Int
  private let power: Int

  /// - Parameter seed: Chooses the orthogonal matrix of the odd part.
  init(size: Int, seed: UInt64 = 1) {
    precondition(size > 0, "Rotation: size \(size)")
    self.size = size
    power = size & -size
    odd = size / power
    dense = Self.orthogonal(odd, seed: seed)
  }

  /// `R · x` for each run of `size` values of each row of `x`, `[rows, columns]`.
  func rows(_ x: FloatTensor, pool: WorkerPool) -> FloatTensor {
    let (rows, columns, share) = (x.shape[0], x.shape[1], 16)
    precondition(columns % size == 0, "Rotation: rows of \(columns) values, but runs of \(size)")
    var result = x
    result.values.withUnsafeMutableBufferPointer { buffer in
      let values = buffer.baseAddress!
      pool.forEach((rows + share - 1) / share) { part in
        var run = [Double](repeating: 0, count: size)
        let first = part * share * columns
        let end = min((part + 1) * share, rows) * columns
        for start in stride(from: first, to: end, by: size) {
          for index in 0..<size { run[index] = Double(values[start + index]) }
          rotate(&run)
          for index in 0..<size { values[start + index] = Float(run[index]) }
        }
      }
    }
    return result
  }

  /// `R · column` for each run of `size` values of each column of `x`.
  func columns(_ x: FloatTensor, pool: WorkerPool) -> FloatTensor {
    rows(x.transposed, pool: pool).transposed
  }

  /// `R · x` for a vector of whole runs.
  func vector(_ x: FloatTensor, pool: WorkerPool) -> FloatTensor {
    let row = FloatTensor(shape: [1, x.values.count], values: x.values)
    return FloatTensor(shape: x.shape, values: rows(row, pool: pool).values)
  }

  private func rotate(_ run: inout [Double]) {
    butterflies(&run, 0..<size, to: power)
    let scale = 1 / Double(power).squareRoot()
    for index in run.indices { run[index] *= scale }
    guard odd > 1 else { return }
    var mixed = [Double](repeating: 0, count: odd)
    for offset in 0..<power {
      for row in 0..<odd {
        mixed[row] = (0..<odd).reduce(0.0) { $0 + dense[row * odd + $1] * run[$1 * power + offset] }
      }
      for row in 0..<odd { run[row * power + offset] = mixed[row] }
    }
  }

  /// Random directions made orthogonal one after another, twice for accuracy.
  private static func orthogonal(_ size: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    var rows: [[Double]] = []
    while rows.count < size {
      var row = (0..<size).map { _ in gaussian(&random) }
      for _ in 0..<2 {
        for other in rows {
          let share = zip(row, other).reduce(0.0) { $0 + $1.0 * $1.1 }
          for index in row.indices { row[index] -= share * other[index] }
        }
      }
      let norm = row.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
      if norm > 1e-6 { rows.append(row.map { $0 / norm }) }
    }
    return rows.flatMap { $0 }
  }

  private static func gaussian(_ random: inout SplitMix64) -> Double {
    (-2 * log(1 - random.nextUnit())).squareRoot() * cos(2 * .pi * random.nextUnit())
  }
}
