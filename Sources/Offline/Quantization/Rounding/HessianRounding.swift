import FloatKernels
import Kernels
import TensorCore

/// Chooses the codes of a layer's weights for the least squared error of its output, the grid being given.
///
/// First one column after another, each taking over what the rounding of the columns before did to the output (GPTQ,
/// arXiv 2210.17323, in the form of the nearest plane: no inverse is computed); then passes over all columns, each of
/// which takes its best code with the others as they are (QuantEase, arXiv 2309.01885).
struct HessianRounding {
  let grid: RoundingGrid
  let hessian: HessianFactor
  /// Passes of coordinate descent.
  let passes: Int
  let pool: WorkerPool

  /// Codes of `weight`, `[outputs, inputs]`; the same for any number of threads.
  ///
  /// - Complexity: O(`(1 + passes) · outputs · inputs²`).
  func codes(_ weight: FloatTensor) -> [Float] {
    let (outputs, inputs, share) = (weight.shape[0], weight.shape[1], 16)
    return [Float](unsafeUninitializedCapacity: outputs * inputs) { buffer, count in
      let target = buffer.baseAddress!
      pool.forEach((outputs + share - 1) / share) { part in
        let first = part * share
        var rows = RowRounding(self, weight, rows: first..<min(first + share, outputs))
        rows.sweep()
        for _ in 0..<passes { guard rows.descend() else { break } }
        rows.write(to: target + first * inputs)
      }
      count = outputs * inputs
    }
  }
}

/// Some rows of a layer while they are rounded; columns are in the order of the steps.
private struct RowRounding {
  private let problem: HessianRounding
  private let rows: Range<Int>
  private let columns: Int
  /// `[rows, columns]`.
  private var weights: [Float]
  private var codes: [Float]
  /// Weight less rounded weight, 0 where a column has not been rounded.
  private var errors: [Float]
  private var groups: [RoundingGrid.Group]

  /// Columns between two products with the whole matrix.
  private static let block = 64

  init(_ problem: HessianRounding, _ weight: FloatTensor, rows: Range<Int>) {
    self.problem = problem
    self.rows = rows
    columns = weight.shape[1]
    let (order, inputs) = (problem.hessian.order, weight.shape[1])
    weights = rows.flatMap { row in order.map { weight.values[row * inputs + $0] } }
    groups = rows.flatMap { row in order.map { problem.grid.group(row: row, column: $0) } }
    codes = [Float](repeating: 0, count: weights.count)
    errors = codes
  }

  /// Rounds all columns once, each with the errors of those before.
  mutating func sweep() {
    for start in stride(from: 0, to: columns, by: Self.block) {
      let block = start..<min(start + Self.block, columns)
      let carried = product(errors, problem.hessian.feedback, block)
      for row in 0..<rows.count {
        for step in block {
          let own = step * columns
          var shift = carried[row * block.count + step - start]
          for earlier in start..<step {
            shift += errors[row * columns + earlier] * problem.hessian.feedback[own + earlier]
          }
          round(row * columns + step, to: weights[row * columns + step] + shift)
        }
      }
    }
  }

  /// Gives each column its best code, the others being what they are; returns whether any changed.
  mutating func descend() -> Bool {
    var changed = false
    for start in stride(from: 0, to: columns, by: Self.block) {
      let block = start..<min(start + Self.block, columns)
      var gradient = product(errors, problem.hessian.matrix, block)
      for row in 0..<rows.count {
        for step in block {
          let (index, own) = (row * columns + step, step * columns)
          let pull = gradient[row * block.count + step - start] / problem.hessian.matrix[own + step]
          let before = errors[index]
          round(index, to: weights[index] - before + pull)
          let moved = errors[index] - before
          guard moved != 0 else { continue }
          changed = true
          for other in step..<block.upperBound {
            gradient[row * block.count + other - start] += moved * problem.hessian.matrix[own + other]
          }
        }
      }
    }
    return changed
  }

  private mutating func round(_ index: Int, to value: Float) {
    let group = groups[index]
    codes[index] = group.code(of: value)
    errors[index] = weights[index] - codes[index] * group.unit
  }

  /// `values · matrixᵀ` for the rows `block` of `matrix`: `[rows, block]`.
  private func product(_ values: [Float], _ matrix: [Float], _ block: Range<Int>) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows.count * block.count) { output, count in
      matrix.withUnsafeBufferPointer { matrix in
        FloatLinearKernel.best(
          values, rows: rows.count, w: matrix.baseAddress! + block.lowerBound * columns, bias: nil,
          output.baseAddress!, n: block.count, k: columns)
      }
      count = rows.count * block.count
    }
  }

  /// Writes the codes in the order of the layer's inputs.
  func write(to target: UnsafeMutablePointer<Float>) {
    for row in 0..<rows.count {
      for (step, column) in problem.hessian.order.enumerated() {
        target[row * columns + column] = codes[row * columns + step]
      }
    }
  }
}
