import Architectures
import Kernels
import Reference

/// Runs calibration data through the float32 model and collects what quantization needs to know.
struct Calibrator {
  let reference: ReferenceModel
  /// The attention to judge; nil where another pass over the data judges it.
  let scheme: AttentionScheme?
  let pool: WorkerPool
  let report: ImportProgress.Handler

  struct Result {
    var statistics: [String: ActivationStatistics] = [:]
    /// The relative error of the scheme's attention output, by layer; empty where none was judged.
    var attentionErrors: [Double] = []
  }

  /// - Throws: Where float32, or the attention's own formats, cannot hold what the model computes.
  func run(_ data: ModelData) throws -> Result {
    let inputs = CalibrationRecorder()
    let attention = scheme.map {
      AttentionRecorder($0, layers: reference.layers, continuingWith: .exact, pool: pool)
    }
    let hooks = ReferenceHooks(input: inputs.record, attention: attention?.attend)
    var isFinite = true
    try data.visit(.calibrating, report) { input in
      // What comes after others need not run.
      isFinite = isFinite && reference.logits(input, hooks: hooks).values.allSatisfy(\.isFinite)
    }
    if let layer = inputs.overflow { throw QuantizationError.activationsOverflow(layer: layer) }
    guard isFinite else { throw QuantizationError.activationsOverflow(layer: "logits") }
    return Result(statistics: inputs.layers, attentionErrors: try attention?.relativeErrors() ?? [])
  }
}
