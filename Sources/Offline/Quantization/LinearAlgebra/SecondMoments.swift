import FloatKernels
import Kernels
import TensorCore

/// The second moments of a layer's input, `H = Σ x · xᵀ` over the rows seen: what an error of its weights costs.
///
/// The squared error of a layer's output is `(ŵ − w) · H · (ŵ − w)ᵀ` for each row of weights.
struct SecondMoments {
  let columns: Int
  private(set) var rows = 0
  /// `[columns, columns]`, symmetric.
  private(set) var values: [Float]

  init(columns: Int) {
    self.columns = columns
    values = [Float](repeating: 0, count: columns * columns)
  }

  /// Σ x² of each input.
  var diagonal: [Float] { (0..<columns).map { values[$0 * columns + $0] } }

  /// The mean square of each input: how much an error of its weights matters by itself.
  var importance: [Float] { errorWeights(diagonal.map { Double($0) }, rows: rows) }

  /// Columns of a part of the matrix that one thread computes.
  private static let band = 64

  /// Adds the rows of `x`, `[rows, columns]`; the sums are the same for any number of threads.
  ///
  /// - Complexity: O(`rows · columns²`), half of it for symmetry.
  mutating func add(_ x: FloatTensor, pool: WorkerPool) {
    precondition(x.shape[1] == columns, "SecondMoments: \(x.shape[1]) columns, expected \(columns)")
    let (count, columns) = (x.shape[0], columns)
    let turned = x.transposed.values
    values.withUnsafeMutableBufferPointer { sums in
      turned.withUnsafeBufferPointer { turned in
        let target = MomentBands(
          sums: sums.baseAddress!, inputs: turned.baseAddress!, columns: columns, rows: count)
        pool.forEach((columns + Self.band - 1) / Self.band) { part in
          target.add(part * Self.band..<min((part + 1) * Self.band, columns))
        }
      }
    }
    mirror()
    rows += count
  }

  /// The bands fill what lies on the diagonal and left of it.
  private mutating func mirror() {
    for row in 0..<columns {
      for column in 0..<row { values[column * columns + row] = values[row * columns + column] }
    }
  }
}

/// The lower half of `H` in bands of rows, each computed by one thread.
private struct MomentBands {
  let sums: UnsafeMutablePointer<Float>
  /// `[columns, rows]`.
  let inputs: UnsafePointer<Float>
  let columns: Int
  let rows: Int

  func add(_ band: Range<Int>) {
    let width = band.upperBound
    withUnsafeTemporaryAllocation(of: Float.self, capacity: band.count * width) { products in
      FloatLinearKernel.best(
        inputs + band.lowerBound * rows, rows: band.count, w: inputs, bias: nil, products.baseAddress!,
        n: width,
        k: rows)
      for (index, row) in band.enumerated() {
        for column in 0...row { sums[row * columns + column] += products[index * width + column] }
      }
    }
  }
}

extension FloatTensor {
  /// `[columns, rows]` of a matrix `[rows, columns]`.
  var transposed: FloatTensor {
    let (rows, columns) = (shape[0], shape[1])
    let turned = [Float](unsafeUninitializedCapacity: rows * columns) { output, count in
      values.withUnsafeBufferPointer { values in
        // In blocks, so that neither side leaves the cache.
        for top in stride(from: 0, to: rows, by: 16) {
          for left in stride(from: 0, to: columns, by: 16) {
            for row in top..<min(top + 16, rows) {
              for column in left..<min(left + 16, columns) {
                output[column * rows + row] = values[row * columns + column]
              }
            }
          }
        }
      }
      count = rows * columns
    }
    return FloatTensor(shape: [columns, rows], values: turned)
  }
}
