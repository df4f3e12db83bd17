/// A read-only tensor inside memory that somebody else owns (a mapped file, an `AlignedStorage`).
///
/// The view keeps its owner alive, so a tensor cannot outlive the mapping it points into.
package struct TensorView: @unchecked Sendable {
  // Sendable: the bytes are immutable for as long as the owner lives.
  package let bytes: UnsafeRawBufferPointer
  package let type: ElementType
  package let shape: Shape
  package let owner: AnyObject

  /// - Precondition: `bytes.count` equals the byte size of `shape` in `type`.
  package init(bytes: UnsafeRawBufferPointer, type: ElementType, shape: Shape, owner: AnyObject) {
    precondition(
      shape.elementCount.map { $0 * type.byteSize } == bytes.count,
      "TensorView: \(bytes.count) bytes for \(shape) of \(type.rawValue)")
    self.bytes = bytes
    self.type = type
    self.shape = shape
    self.owner = owner
  }

  package var elementCount: Int { bytes.count / type.byteSize }

  /// A pointer to the first element. The caller has checked `type`, and keeps the view alive while it uses the pointer.
  package func pointer<Element: BitwiseCopyable>(to element: Element.Type) -> UnsafePointer<Element> {
    precondition(
      MemoryLayout<Element>.size == type.byteSize, "TensorView: \(type.rawValue) read as \(element)")
    return bytes.baseAddress!.assumingMemoryBound(to: element)
  }
}
