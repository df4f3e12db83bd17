import Architectures
import TensorCore

extension ModelTransform {
  /// The factors of a layer's norms move into the columns of the matrix that reads it.
  ///
  /// By itself this makes activations harder to hold, because trained factors damp outliers; a rotation needs it.
  static let foldNorms = ModelTransform(
    "fold-norms", "factors of norms into the matrices behind them",
    obstacle: {
      $0.branchNorms == .input ? nil : "it norms what its branches add, which no matrix behind can take over"
    },
    apply: { model, _ in model.foldingNorms }
  )
}

extension FloatModel {
  fileprivate var foldingNorms: FloatModel {
    let pairs = table.matrices.compactMap { row in
      row.norm.map { (row, table[$0, row.layer]) }
    }
    var edits: [String: (FloatTensor) throws -> FloatTensor] = [:]
    let tensor = tensor
    for (row, norm) in pairs {
      let factors = norm.sources[0].name
      for source in row.sources { edits[source.name] = { $0.scalingColumns(try tensor(factors).values) } }
      edits[factors] = { $0.ones }
    }
    return editing(edits)
  }
}

extension FloatTensor {
  /// The matrix with column `c` times `factors[c]`.
  func scalingColumns(_ factors: [Float]) -> FloatTensor {
    var result = self
    let columns = factors.count
    for index in result.values.indices { result.values[index] *= factors[index % columns] }
    return result
  }

  /// The matrix, or vector, with row `r` times `factors[r]`.
  func scalingRows(_ factors: [Float]) -> FloatTensor {
    var result = self
    let columns = values.count / max(1, factors.count)
    for index in result.values.indices { result.values[index] *= factors[index / columns] }
    return result
  }

  var ones: FloatTensor { FloatTensor(shape: shape, values: [Float](repeating: 1, count: values.count)) }
}
