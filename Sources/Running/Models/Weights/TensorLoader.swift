import Architectures
import Kernels
import TensorCore

/// Reads the tensors of a pack by the rows of its family's table, and checks each against what its row calls for.
struct TensorLoader {
  let table: TensorTable
  let scheme: ModelScheme
  let tensor: (String) -> TensorView?

  /// The float32 tensors of a norm (its factors, then its offsets if it has any) or of a vector, all values finite.
  func floats(_ role: TensorRole, _ layer: Int? = nil) throws(ModelError) -> [TensorView] {
    var views: [TensorView] = []
    for part in table[role, layer].floats { views.append(try floats(part.name, part.shape)) }
    return views
  }

  /// A linear layer.
  func linear(_ role: TensorRole, _ layer: Int? = nil) throws(ModelError) -> LinearLayer {
    try linear(table[role, layer])
  }

  /// A linear layer in the format that the pack records for it.
  func linear(_ row: TensorRow) throws(ModelError) -> LinearLayer {
    let (name, outputs, inputs) = (row.name, row.outputs, row.inputs)
    guard let format = format(of: row) else { throw .missingTensor(name) }
    var parts: [WeightPart: TensorView] = [:]
    for tensor in format.tensors {
      let (name, shape) = (WeightFormat.tensorName(name, tensor.part), Shape([tensor.count(outputs, inputs)]))
      parts[tensor.part] =
        tensor.type == .f32 ? try floats(name, shape) : try require(name, tensor.type, shape)
    }
    let bias = row.hasStoredBias ? try floats(row.biasName, [outputs]) : nil
    do {
      return try LinearLayer(WeightTensors(format, parts), bias: bias, outputs: outputs, inputs: inputs)
    } catch {
      throw .badLayer(name: name, reason: error.description)
    }
  }

  /// The format that the pack records for a matrix; nil where it has none, as for a head without a draft.
  func format(of row: TensorRow) -> WeightFormat? { scheme.weights[row.name] }

  /// A float32 tensor, all values finite.
  func floats(_ name: String, _ shape: Shape) throws(ModelError) -> TensorView {
    let view = try require(name, .f32, shape)
    let values = UnsafeBufferPointer(start: view.pointer(to: Float.self), count: view.elementCount)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(tensor: name, index: index)
    }
    return view
  }

  func require(_ name: String, _ type: ElementType, _ shape: Shape) throws(ModelError) -> TensorView {
    let view = try find(name)
    guard view.type == type, view.shape == shape else {
      throw .wrongShape(
        tensor: name, found: view.shape, type: view.type, expected: shape, expectedType: type)
    }
    return view
  }

  private func find(_ name: String) throws(ModelError) -> TensorView {
    guard let view = tensor(name) else { throw .missingTensor(name) }
    return view
  }
}
