/// Why a model cannot be quantized or measured as asked.
package enum QuantizationError: Error, Equatable, CustomStringConvertible {
  case notCalibrated(layer: String)
  case needsCalibration(architecture: String)
  case badData(path: String, reason: String)
  case wrongData(path: String, found: String, expected: String)
  case noTokenizer

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
    case .noTokenizer:
      "The model has no tokenizer beside it: put tokenizer.json (or, for a llama2.c file, tokenizer.bin) in its folder."
    }
  }
}
