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
    let recorder = CalibrationRecorder()
    let study = AttentionErrorRecorder(scheme, layers: model.configuration.layers, pool: pool)
    let hooks = ReferenceHooks(input: recorder.record, attention: study.observe)
    for image in images { _ = model.logits(image, hooks: hooks) }
    return Result(statistics: recorder.layers, attentionErrors: study.errors)
  }

  func run(text: TextChunks) -> Result {
    guard case .llama(let model) = reference else { return Result(statistics: [:], attentionErrors: []) }
    let recorder = CalibrationRecorder()
    let study = AttentionErrorRecorder(scheme, layers: model.configuration.layers, pool: pool)
    let hooks = ReferenceHooks(input: recorder.record, attention: study.observe)
    for chunk in text.chunks { _ = model.logits(chunk, hooks: hooks) }
    return Result(statistics: recorder.layers, attentionErrors: study.errors)
  }
}

/// Measures a scheme beside exact attention and lets the exact output go on, so that layers are judged one by one.
private final class AttentionErrorRecorder {
  private let attention: QuantizedAttention
  private let exact: FloatLayers
  private var layers: [AttentionComparison]

  init(_ scheme: AttentionScheme, layers: Int, pool: WorkerPool) {
    attention = QuantizedAttention(scheme: scheme, pool: pool)
    exact = FloatLayers(pool: pool)
    self.layers = Array(repeating: AttentionComparison(), count: layers)
  }

  var errors: [Double] { layers.map(\.relativeError) }

  func observe(_ inputs: AttentionInputs) -> FloatTensor {
    let output = exact.attention(inputs)
    layers[inputs.layer].add(exact: output, other: attention(inputs))
    return output
  }
}
