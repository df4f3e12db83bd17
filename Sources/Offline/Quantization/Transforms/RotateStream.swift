import Architectures
import TensorCore

extension ModelTransform {
  /// The residual stream turns: `x → R · x`, so that no channel is greater than the others.
  ///
  /// What writes to the stream turns its outputs, what reads it its inputs. The factors of the final norm, which cannot
  /// turn, become a matrix of the model's width before the head: so a head that is the embedding stays it, and the final
  /// state is the float32 model's, turned, for whoever embeds texts.
  static let rotateStream = ModelTransform(
    "rotate-stream", "an orthogonal rotation of the residual stream", needs: foldNorms.name,
    obstacle: foldNorms.obstacle
  ) { model, _ in
    let (rotation, pool) = (Rotation(size: model.configuration.width), model.pool)
    var edits: [String: (FloatTensor) throws -> FloatTensor] = [:]
    for row in model.table.matrices where row.role != .draftHead {
      let isWriter = row.role == .attentionOutput || row.role == .down
      for source in row.sources {
        edits[source.name] = { isWriter ? rotation.columns($0, pool: pool) : rotation.rows($0, pool: pool) }
      }
      if isWriter { for bias in row.biases { edits[bias.name] = { rotation.vector($0, pool: pool) } } }
    }
    return model.editing(edits).withHeadMatrix(rotation, norm: model)
  }
}

extension FloatModel {
  /// Puts `R · diag(factors) · Rᵀ` behind the final norm, as factors that are all their mean `m` and a head matrix
  /// `R · diag(factors / m − 1) · Rᵀ`: so little of the state passes the matrix that 8 bits hold it.
  fileprivate func withHeadMatrix(_ rotation: Rotation, norm model: FloatModel) -> FloatModel {
    let (factors, width, pool) = (table[.finalNorm].sources[0].name, configuration.width, pool)
    let original = model.tensor
    let changed = configured { $0.headMatrix = true }
    return changed.editing([factors: { $0.means }]).adding(changed.table[.headMatrix].sources[0].name) {
      let (diagonal, mean) = (try original(factors).values, try original(factors).mean)
      var matrix = [Float](repeating: 0, count: width * width)
      for index in 0..<width { matrix[index * width + index] = diagonal[index] / mean - 1 }
      let turned = rotation.rows(FloatTensor(shape: [width, width], values: matrix), pool: pool)
      return rotation.columns(turned, pool: pool)
    }
  }
}

extension FloatTensor {
  /// The mean of all values, or 1 where that is nothing to divide by.
  fileprivate var mean: Float {
    let mean = Float(values.reduce(0.0) { $0 + Double($1) } / Double(max(1, values.count)))
    return mean.isNormal ? mean : 1
  }

  fileprivate var means: FloatTensor {
    FloatTensor(shape: shape, values: [Float](repeating: mean, count: values.count))
  }
}
