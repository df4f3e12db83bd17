import Importers
import Kernels
import Models
import TensorCore

/// Runs calibration data through the float32 model and collects what quantization needs to know.
struct Calibrator {
  let reference: ReferenceModel
  let scheme: AttentionScheme
  let pool: WorkerPool

  struct Result {
    var statistics: [String: ActivationStatistics]
    /// The relative error of the scheme's attention output, by layer.
    var attentionErrors: [Double]
  }

  func run(images: [[Float]]) throws(QuantizationError) -> Result {
    guard case .vit(let model) = reference else { return Result(statistics: [:], attentionErrors: []) }
    return try record(layers: model.configuration.layers) { hooks in
      images.allSatisfy { model.logits($0, hooks: hooks).allSatisfy(\.isFinite) }
    }
  }

  func run(text: TextChunks) throws(QuantizationError) -> Result {
    guard case .llama(let model) = reference else { return Result(statistics: [:], attentionErrors: []) }
    return try record(layers: model.configuration.layers) { hooks in
      text.chunks.allSatisfy { model.logits($0, hooks: hooks).values.allSatisfy(\.isFinite) }
    }
  }

  /// - Parameter forward: Runs the data and says whether all logits were finite; what comes after others need not run.
  /// - Throws: Where float32, or the attention's own formats, cannot hold what the model computes.
  private func record(
    layers: Int, _ forward: (ReferenceHooks) -> Bool
  ) throws(QuantizationError) -> Result {
    let inputs = CalibrationRecorder()
    let attention = AttentionRecorder(scheme, layers: layers, continuingWith: .exact, pool: pool)
    let isFinite = forward(ReferenceHooks(input: inputs.record, attention: attention.attend))
    if let layer = inputs.overflow { throw .activationsOverflow(layer: layer) }
    guard isFinite else { throw .activationsOverflow(layer: "logits") }
    let errors = attention.layers.map(\.relativeError)
    if let layer = errors.firstIndex(where: { !$0.isFinite }) { throw .attentionOverflows(layer: layer) }
    return Result(statistics: inputs.layers, attentionErrors: errors)
  }
}
