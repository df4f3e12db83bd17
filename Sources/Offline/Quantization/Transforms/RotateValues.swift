import Architectures
import TensorCore

extension ModelTransform {
  /// The channels of each head of V turn, and the inputs of the output projection with them.
  static let rotateValues = ModelTransform(
    "rotate-values", "an orthogonal rotation of V, head by head"
  ) { model, _ in
    let (rotation, pool) = (Rotation(size: model.configuration.headSize, seed: 2), model.pool)
    var edits: [String: (FloatTensor) throws -> FloatTensor] = [:]
    for row in model.rows(.queryKeyValue) {
      edits[row.sources[2].name] = { rotation.columns($0, pool: pool) }
      if row.biases.count > 2 { edits[row.biases[2].name] = { rotation.vector($0, pool: pool) } }
    }
    for row in model.rows(.attentionOutput) {
      edits[row.sources[0].name] = { rotation.rows($0, pool: pool) }
    }
    return model.editing(edits)
  }
}
