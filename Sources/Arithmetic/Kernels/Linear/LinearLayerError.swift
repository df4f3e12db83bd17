import TensorCore

/// Why stored tensors cannot be a linear layer.
package enum LinearLayerError: Error, Equatable, CustomStringConvertible {
  case badExtent(outputs: Int, inputs: Int, maxInputs: Int)
  case missingTensor(String, format: String)
  case wrongType(tensor: String, found: ElementType, expected: ElementType)
  case wrongSize(tensor: String, found: Int, expected: Int, outputs: Int, inputs: Int)

  package var description: String {
    switch self {
    case .badExtent(let outputs, let inputs, let maxInputs):
      """
      A linear layer of \(inputs) inputs and \(outputs) outputs is not supported: both must be positive, and inputs \
      at most \(maxInputs), so that 32-bit sums cannot overflow.
      """
    case .missingTensor(let tensor, let format):
      "The layer's '\(tensor)' is missing, but \(format) weights have one; pack the model again."
    case .wrongType(let tensor, let found, let expected):
      """
      The layer's '\(tensor)' is \(found.rawValue), but \(expected.rawValue) is expected; pack the model again.
      """
    case .wrongSize(let tensor, let found, let expected, let outputs, let inputs):
      """
      The layer's '\(tensor)' has \(found) bytes, but \(inputs) inputs and \(outputs) outputs call for \(expected). \
      The tensors and the configuration come from different models; pack the model again.
      """
    }
  }
}
