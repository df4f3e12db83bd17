import Architectures
import TensorCore

/// Why a pack cannot become a running model. The file is at fault, so every text says what to do with it.
package enum ModelError: Error, Equatable, CustomStringConvertible {
  /// What an operation needs a model for.
  package enum Need: String, Sendable {
    case sequences = "sequences of tokens"
    case images
  }

  case configuration(ArchitectureError)
  case missingTensor(String)
  case wrongShape(tensor: String, found: Shape, type: ElementType, expected: Shape, expectedType: ElementType)
  case badLayer(name: String, reason: String)
  case notFinite(tensor: String, index: Int)
  case wrongCapability(found: String, needed: Need)
  case cache(String)

  package var description: String {
    switch self {
    case .configuration(let error): error.description
    case .missingTensor(let name):
      "Tensor '\(name)' is missing. The pack is incomplete or of another architecture; import the model again."
    case .wrongShape(let name, let found, let type, let expected, let expectedType):
      """
      Tensor '\(name)' is \(type.rawValue) \(found), but the configuration calls for \(expectedType.rawValue) \
      \(expected). The weights and the configuration come from different models; import the model again.
      """
    case .badLayer(let name, let reason):
      "Layer '\(name)': \(reason) Import the model again."
    case .notFinite(let name, let index):
      "Tensor '\(name)' has a NaN or infinite value at index \(index). The checkpoint is damaged or diverged in training."
    case .wrongCapability(let found, let needed):
      "The pack holds a '\(found)' model, but this operation needs one for \(needed.rawValue)."
    case .cache(let reason):
      reason
    }
  }
}
