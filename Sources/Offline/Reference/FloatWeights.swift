import Architectures
import TensorCore

/// A checkpoint's tensors in float32, read by the rows of its family's table.
struct FloatWeights {
  let table: TensorTable
  private let tensors: [String: FloatTensor]

  /// - Parameter tensor: The checkpoint's tensors by their canonical names.
  init(_ table: TensorTable, tensor: (String) throws -> FloatTensor) throws {
    self.table = table
    var tensors: [String: FloatTensor] = [:]
    for source in table.sources { tensors[source.name] = try tensor(source.name) }
    self.tensors = tensors
  }

  /// The matrix `[outputs, inputs]` and bias of module `part` of a joined layer.
  func module(_ row: TensorRow, _ part: Int = 0) -> (weight: FloatTensor, bias: FloatTensor?) {
    (tensor(row.sources[part]), row.biases.isEmpty ? nil : tensor(row.biases[part]))
  }

  /// The factors of a norm, and its offsets where it has any.
  func norm(_ role: TensorRole, _ layer: Int?) -> (weight: [Float], bias: [Float]?) {
    let (weight, bias) = module(table[role, layer])
    return (weight.values, bias?.values)
  }

  /// The values of a parameter.
  func vector(_ role: TensorRole) -> FloatTensor { module(table[role]).weight }

  private func tensor(_ source: SourceTensor) -> FloatTensor {
    guard let tensor = tensors[source.name] else {
      preconditionFailure("FloatWeights: no tensor '\(source.name)'")
    }
    return tensor
  }
}

extension FloatLayers {
  /// A layer of the table on `x`, or module `part` of a joined one.
  func linear(_ x: FloatTensor, _ weights: FloatWeights, _ row: TensorRow, part: Int = 0) -> FloatTensor {
    let module = weights.module(row, part)
    return linear(x, module.weight, bias: module.bias)
  }
}
