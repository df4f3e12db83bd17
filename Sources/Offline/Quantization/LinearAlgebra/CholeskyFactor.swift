import Kernels

/// The lower Cholesky factor of a symmetric positive definite matrix: `A = L · Lᵀ`, in double.
///
/// Every entry is one dot product of two rows, so the factor does not depend on the number of threads.
struct CholeskyFactor {
  let size: Int
  /// `[size, size]`, row-major; zero above the diagonal.
  private(set) var values: [Double]

  /// - Parameter matrix: `[size, size]`, row-major; what stands above its diagonal is not read.
  /// - Returns: nil where the matrix is not positive definite, or has values that are no numbers.
  /// - Complexity: O(`size³ / 3`) multiplications.
  init?(_ matrix: [Double], size: Int, pool: WorkerPool) {
    precondition(matrix.count == size * size, "CholeskyFactor: \(matrix.count) values for \(size)²")
    self.size = size
    values = matrix
    let isDefinite = values.withUnsafeMutableBufferPointer { buffer in
      Self.factor(SharedRows(base: buffer.baseAddress, columns: size), pool)
    }
    guard isDefinite else { return nil }
    for row in 0..<size {
      for column in row + 1..<max(size, row + 1) { values[row * size + column] = 0 }
    }
  }

  /// Columns that are finished before the rows below them are.
  private static let block = 64

  private static func factor(_ rows: SharedRows, _ pool: WorkerPool) -> Bool {
    let size = rows.columns
    for start in stride(from: 0, to: size, by: block) {
      let columns = start..<min(start + block, size)
      for row in columns {
        rows.finish(row, columns: start..<row)
        let pivot = rows[row][row] - dot(rows[row], rows[row], count: row)
        guard pivot > 0, pivot.isFinite else { return false }
        rows[row][row] = pivot.squareRoot()
      }
      let (below, share) = (columns.upperBound, 16)
      pool.forEach((size - below + share - 1) / share) { part in
        let first = below + part * share
        for row in first..<min(first + share, size) { rows.finish(row, columns: columns) }
      }
    }
    return true
  }
}

/// Rows of a matrix in place, that several threads finish, each its own.
private struct SharedRows {
  let base: UnsafeMutablePointer<Double>?
  let columns: Int

  subscript(row: Int) -> UnsafeMutablePointer<Double> { base! + row * columns }

  /// Computes `columns` of `row`, left of its diagonal, from the rows above.
  func finish(_ row: Int, columns: Range<Int>) {
    let own = self[row]
    for column in columns {
      let other = self[column]
      own[column] = (own[column] - dot(own, other, count: column)) / other[column]
    }
  }
}

/// `Σ a[i] · b[i]` in four independent sums.
private func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int) -> Double {
  typealias Lanes = SIMD8<Double>
  var (first, second) = (Lanes(), Lanes())
  var index = 0
  while index + 16 <= count {
    first += lanes(a + index) * lanes(b + index)
    second += lanes(a + index + 8) * lanes(b + index + 8)
    index += 16
  }
  var sum = (first + second).sum()
  while index < count {
    sum += a[index] * b[index]
    index += 1
  }
  return sum
}

private func lanes(_ pointer: UnsafePointer<Double>) -> SIMD8<Double> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Double>.self)
}
