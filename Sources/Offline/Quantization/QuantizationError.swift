/// Why a model cannot be quantized or measured as asked.
package enum QuantizationError: Error, Equatable, CustomStringConvertible {
  case notCalibrated(layer: String)
  case needsCalibration(architecture: String)
  case badData(path: String, reason: String)
  case wrongData(path: String, found: String, expected: String)
  case noTokenizer
  case activationsOverflow(layer: String)
  case attentionOverflows(layer: Int)
  case attentionUnsupported(scheme: String, found: String, expected: String)
  case noFiniteForm(layer: String)
  case noFiniteAnswer(found: Float)
  case notMeasurable(data: String, figure: String, found: Double)
  case wrongReference(what: String, reference: String, pack: String)

  package var description: String {
    switch self {
    case .notCalibrated(let layer):
      "Calibration saw no input of layer '\(layer)'; give calibration data that reaches every layer."
    case .needsCalibration(let architecture):
      "A \(architecture) has static activation scales: name images to calibrate on with --calibration."
    case .badData(let path, let reason):
      "\(path): \(reason)"
    case .wrongData(let path, let found, let expected):
      "\(path) holds \(found), but the model needs \(expected)."
    case .activationsOverflow(let layer):
      """
      The float32 model overflows on the calibration data: what layer '\(layer)' reads or gives is infinite or NaN. \
      Weights before it are far too large; the checkpoint is damaged or diverged in training.
      """
    case .attentionOverflows(let layer):
      """
      The keys or values of layer \(layer) leave the range of the attention's formats (±65504 in a language model's \
      cache), so that its output is infinite or NaN. The model cannot be served; scale its projections down.
      """
    case .attentionUnsupported(let scheme, let found, let expected):
      "The attention \(scheme) cannot run in this model: \(found), but \(expected)."
    case .noFiniteForm(let layer):
      """
      Layer '\(layer)' cannot be quantized: its weights or inputs reach so near the largest float32, or lie so far \
      apart, that scales or outputs are infinite or NaN. The checkpoint is damaged or diverged in training.
      """
    case .noFiniteAnswer(let found):
      """
      The quantized model answers \(found) where numbers are expected, so the pack is not kept. Weights are far too \
      large for its formats; calibrate with --calibration to learn in which layer.
      """
    case .notMeasurable(let data, let figure, let found):
      """
      \(data): \(figure) is \(found), which no model can be judged by: its answers overflow or are far off. The checkpoint \
      is damaged, or needs --recipe w8a8.
      """
    case .wrongReference(let what, let reference, let pack):
      "The reference has \(what) \(reference), the pack \(pack); name the model that the pack was imported from."
    case .noTokenizer:
      "The model has no tokenizer beside it: put tokenizer.json (or, for a llama2.c file, tokenizer.bin) in its folder."
    }
  }
}
