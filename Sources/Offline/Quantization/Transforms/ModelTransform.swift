import Architectures

/// A change of a model's weights that leaves its function as it is, but for rounding of float32, and makes what is quantized
/// easier to hold in few bits.
///
/// One line of ``all`` a transform, in the order in which they are applied.
package struct ModelTransform: Sendable {
  /// As recipes name it.
  package let name: String
  package let summary: String
  /// The transform that has to be applied before.
  package let needs: String?
  /// Why the transform leaves a model as it is; nil where it does not.
  package let obstacle: @Sendable (DecoderConfiguration) -> String?
  /// Whether it reads what calibration saw.
  package let isCalibrated: Bool
  let apply: @Sendable (FloatModel, TransformInputs) throws -> FloatModel

  init(
    _ name: String, _ summary: String, needs: String? = nil, isCalibrated: Bool = false,
    obstacle: @escaping @Sendable (DecoderConfiguration) -> String? = { _ in nil },
    apply: @escaping @Sendable (FloatModel, TransformInputs) throws -> FloatModel
  ) {
    (self.name, self.summary, self.needs) = (name, summary, needs)
    (self.isCalibrated, self.obstacle, self.apply) = (isCalibrated, obstacle, apply)
  }

  package static let all: [ModelTransform] = [
    foldNorms, rotateStream, rotateValues, smoothDown, mixDown,
  ]
}

/// What transforms know beside the model.
struct TransformInputs {
  /// What the float32 model's layers read, by layer name; empty without calibration data.
  let statistics: [String: ActivationStatistics]
  /// Whether what `down` reads will be mixed.
  let mixesDown: Bool
}

extension FloatModel {
  /// The model after all of `transforms` that it has no obstacle for.
  func applying(_ transforms: [ModelTransform], _ inputs: TransformInputs) throws -> FloatModel {
    try transforms.filter { $0.obstacle(configuration) == nil }.reduce(self) { try $1.apply($0, inputs) }
  }
}
