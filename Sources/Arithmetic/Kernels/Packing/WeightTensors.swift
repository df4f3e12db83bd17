import Architectures
import TensorCore

/// A layer's quantized weights as a pack stores them.
package struct WeightTensors: Sendable {
  package let format: WeightFormat
  private let views: [WeightPart: TensorView]

  /// - Throws: ``LinearLayerError/missingTensor(_:format:)`` for a part of the format that is not there.
  package init(_ format: WeightFormat, _ views: [WeightPart: TensorView]) throws(LinearLayerError) {
    for tensor in format.tensors where views[tensor.part] == nil {
      throw .missingTensor(tensor.part.rawValue, format: format.name)
    }
    self.format = format
    self.views = views
  }

  /// The tensor of a part that the format has.
  subscript(part: WeightPart) -> TensorView {
    guard let view = views[part] else { preconditionFailure("\(format.name) weights have no \(part)") }
    return view
  }

  /// What keeps the memory that kernels read in place.
  var owners: [TensorView] { Array(views.values) }
}
