import TensorCore

/// One tensor on its way into a pack.
package struct PackTensor: Sendable {
  package let name: String
  package let type: ElementType
  package let shape: Shape
  package let bytes: [UInt8]

  init(_ name: String, _ type: ElementType, _ shape: Shape, _ bytes: [UInt8]) {
    (self.name, self.type, self.shape, self.bytes) = (name, type, shape, bytes)
  }

  init(_ name: String, floats: [Float], shape: Shape? = nil) {
    self.init(name, .f32, shape ?? [floats.count], floats.withUnsafeBytes { Array($0) })
  }

  /// Whether no float of the tensor is infinite or NaN.
  var isFinite: Bool {
    type != .f32 || bytes.withUnsafeBytes { $0.bindMemory(to: Float.self).allSatisfy(\.isFinite) }
  }

  init(_ name: String, integers: [Int32]) {
    self.init(name, .i32, [integers.count], integers.withUnsafeBytes { Array($0) })
  }
}
