import Architectures

/// What a quantizer gives: a pack's tensors in the order of its file.
struct QuantizedTensors {
  /// The weight format of each matrix.
  var formats: [String: WeightFormat] = [:]
  var tensors: [PackTensor] = []
  /// Relative output error of each layer on the calibration sample, or of its weights without one.
  var errors: [String: Double] = [:]
}
