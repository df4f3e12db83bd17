import Architectures
import Kernels
import TensorCore

/// A float32 decoder under change: what it computes, and its tensors by their canonical names.
///
/// A change wraps how tensors are read, so that a model of any size is changed one tensor at a time.
package struct FloatModel {
  package typealias Reader = (String) throws -> FloatTensor

  package private(set) var configuration: DecoderConfiguration
  package private(set) var tensor: Reader
  let pool: WorkerPool

  package init(_ configuration: DecoderConfiguration, pool: WorkerPool, tensor: @escaping Reader) {
    self.configuration = configuration
    self.pool = pool
    self.tensor = tensor
  }

  var table: TensorTable { configuration.tensorTable }

  /// Another configuration of the same tensors.
  func configured(_ change: (inout DecoderConfiguration) -> Void) -> FloatModel {
    var model = self
    change(&model.configuration)
    return model
  }

  /// The model with other tensors: each edit is given what the model had under its name.
  func editing(_ edits: [String: (FloatTensor) throws -> FloatTensor]) -> FloatModel {
    var model = self
    let before = tensor
    model.tensor = { name in
      let tensor = try before(name)
      return try edits[name]?(tensor) ?? tensor
    }
    return model
  }

  /// The model with one more tensor.
  func adding(_ name: String, _ make: @escaping () throws -> FloatTensor) -> FloatModel {
    var model = self
    let before = tensor
    model.tensor = { try $0 == name ? make() : before($0) }
    return model
  }

  /// The rows of `role` in all layers.
  func rows(_ role: TensorRole) -> [TensorRow] { table.rows.filter { $0.role == role } }
}
