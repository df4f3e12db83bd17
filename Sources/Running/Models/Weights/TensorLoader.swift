import Kernels
import TensorCore

/// Reads named tensors of a pack and checks each against the shape that the configuration calls for.
struct TensorLoader {
  let tensor: (String) -> TensorView?

  /// A float32 vector or matrix, all values finite.
  func floats(_ name: String, _ shape: Shape) throws(ModelError) -> TensorView {
    let view = try require(name, .f32, shape)
    let values = UnsafeBufferPointer(start: view.pointer(to: Float.self), count: view.elementCount)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(tensor: name, index: index)
    }
    return view
  }

  func require(_ name: String, _ type: ElementType, _ shape: Shape) throws(ModelError) -> TensorView {
    let view = try find(name)
    guard view.type == type, view.shape == shape else {
      throw .wrongShape(
        tensor: name, found: view.shape, type: view.type, expected: shape, expectedType: type)
    }
    return view
  }

  /// A linear layer in whichever format the pack holds: `NAME.metas` exists for 4-bit weights only.
  func linear(_ name: String, outputs: Int, inputs: Int, bias: Bool) throws(ModelError) -> LinearLayer {
    let biasView = bias ? try floats(name + ".bias", [outputs]) : nil
    let codes = try find(name + ".codes")
    let scales = try floats(name + ".scales", [outputs])
    let sums = try require(name + ".sums", .i32, [outputs])
    do {
      if let metas = tensor(name + ".metas") {
        let parts = LinearLayer.Int4Tensors(codes: codes, metas: metas, scales: scales, sums: sums)
        return try LinearLayer(int4: parts, bias: biasView, outputs: outputs, inputs: inputs)
      }
      let parts = LinearLayer.Int8Tensors(codes: codes, scales: scales, sums: sums)
      return try LinearLayer(int8: parts, bias: biasView, outputs: outputs, inputs: inputs)
    } catch {
      throw .badLayer(name: name, reason: error.description)
    }
  }

  /// Whether the pack has the linear layer `name`.
  func has(_ name: String) -> Bool { tensor(name + ".codes") != nil }

  private func find(_ name: String) throws(ModelError) -> TensorView {
    guard let view = tensor(name) else { throw .missingTensor(name) }
    return view
  }
}
