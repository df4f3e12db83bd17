import Architectures
import TensorCore

// What a row of the tensor table is made of, in float32. `tensor` gives a checkpoint's tensor by its canonical name.
extension TensorRow {
  /// The weights of a matrix, `[outputs, inputs]`, its modules one after another.
  ///
  /// - Throws: ``QuantizationError/noFiniteForm(layer:)`` where a transform made infinities of weights near the largest float.
  func weight(_ tensor: (String) throws -> FloatTensor) throws -> FloatTensor {
    let parts = try sources.map { try tensor($0.name) }
    guard parts.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
      throw QuantizationError.noFiniteForm(layer: name)
    }
    if parts.count == 1, parts[0].shape == [outputs, inputs] { return parts[0] }
    return FloatTensor(shape: [outputs, inputs], values: parts.flatMap(\.values))
  }

  /// The bias of a matrix, `[outputs]`: zeros where the model has none.
  func bias(_ tensor: (String) throws -> FloatTensor) throws -> [Float] {
    biases.isEmpty
      ? [Float](repeating: 0, count: outputs) : try biases.flatMap { try tensor($0.name).values }
  }

  /// A norm or vector as the pack stores it.
  func floats(_ tensor: (String) throws -> FloatTensor) throws -> [PackTensor] {
    try floats.map { PackTensor($0.name, floats: try tensor($0.source.name).values, shape: $0.shape) }
  }
}
