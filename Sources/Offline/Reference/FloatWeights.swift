import Architectures
import TensorCore

/// A checkpoint's tensors in float32, read by the rows of its family's table.
///
/// A small model is held whole. Of a larger one, matrices are read from its files whenever a layer needs one, so that
/// a model of a billion weights takes the memory of its largest matrix and not four bytes for every weight. Reading costs
/// about as much as multiplying ten rows; a forward pass has hundreds.
package struct FloatWeights {
  let table: TensorTable
  private let held: [String: FloatTensor]
  private let read: (String) throws -> FloatTensor

  /// Bytes of float32 up to which a model is held whole.
  package static let heldLimit = 256 << 20

  /// - Parameters:
  ///   - tensor: The checkpoint's tensors by their canonical names; gives the same each time.
  ///   - limit: Bytes of float32 up to which all is held.
  /// - Throws: What `tensor` throws for any of them: each is read once here.
  init(
    _ table: TensorTable, limit: Int = heldLimit, tensor: @escaping (String) throws -> FloatTensor
  ) throws {
    self.table = table
    read = tensor
    let elements = table.sources.reduce(0) { $0 + ($1.shape.elementCount ?? 0) }
    var held: [String: FloatTensor] = [:]
    for source in table.sources {
      let values = try tensor(source.name)
      if elements <= limit / 4 || source.shape.rank < 2 { held[source.name] = values }
    }
    self.held = held
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
    if let tensor = held[source.name] { return tensor }
    // Every tensor was read once, from a mapping that stays.
    guard let tensor = try? read(source.name) else {
      preconditionFailure("FloatWeights: '\(source.name)' was read before and cannot be now")
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
