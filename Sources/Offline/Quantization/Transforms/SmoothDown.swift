import Architectures
import Kernels
import TensorCore

extension ModelTransform {
  /// Each channel of what `down` reads is divided by a factor, exactly, in the rows of `up`, and `down` multiplied by it.
  ///
  /// The factor is `max|x|^α / max|w|^(1 − α)` (SmoothQuant, arXiv 2211.10438), with the α of least error of the quantized
  /// layer.
  static let smoothDown = ModelTransform(
    "smooth-down", "factors of channels from what `down` reads into `up`", isCalibrated: true
  ) { model, inputs in
    var edits: [String: (FloatTensor) throws -> FloatTensor] = [:]
    let tensor = model.tensor
    for row in model.rows(.down) {
      guard let seen = inputs.statistics[row.name] else { continue }
      let weight = try row.weight(tensor)
      let factors = Smoothing(
        seen, weight,
        mixed: inputs.mixesDown ? DecoderConfiguration.downHadamard(hidden: model.configuration.hidden) : 1,
        pool: model.pool
      ).factors
      let reciprocals = factors.map { 1 / $0 }
      let joined = model.table[.gateUp, row.layer]
      edits[row.sources[0].name] = { $0.scalingColumns(factors) }
      edits[joined.sources[1].name] = { $0.scalingRows(reciprocals) }
      if joined.biases.count > 1 { edits[joined.biases[1].name] = { $0.scalingRows(reciprocals) } }
    }
    return model.editing(edits)
  }
}
