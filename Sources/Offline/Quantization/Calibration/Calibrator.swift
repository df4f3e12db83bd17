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

  func run(images: [[Float]]) -> Result {
    guard case .vit(let model) = reference else { return Result(statistics: [:], attentionErrors: []) }
    return record(layers: model.configuration.layers) { hooks in
      for image in images { _ = model.logits(image, hooks: hooks) }
    }
  }

  func run(text: TextChunks) -> Result {
    guard case .llama(let model) = reference else { return Result(statistics: [:], attentionErrors: []) }
    return record(layers: model.configuration.layers) { hooks in
      for chunk in text.chunks { _ = model.logits(chunk, hooks: hooks) }
    }
  }

  private func record(layers: Int, _ forward: (ReferenceHooks) -> Void) -> Result {
    let inputs = CalibrationRecorder()
    let attention = AttentionRecorder(scheme, layers: layers, continuingWith: .exact, pool: pool)
    forward(ReferenceHooks(input: inputs.record, attention: attention.attend))
    return Result(statistics: inputs.layers, attentionErrors: attention.layers.map(\.relativeError))
  }
}
