/// A list that keeps its objects alive, so that each can be used without counting references to it.
public struct HeldObjects<Object: AnyObject>: @unchecked Sendable {
  // Sendable: as far as the objects are; the list never changes.

  /// The objects in order, at one address for as long as a copy of the list lives.
  public let references: UnsafeBufferPointer<Unretained<Object>>
  private let holder: Holder<Object>

  public init(_ objects: [Object]) {
    holder = Holder(objects)
    references = UnsafeBufferPointer(holder.references)
  }

  public var count: Int { references.count }

  public subscript(index: Int) -> Unretained<Object> { references[index] }
}

private final class Holder<Object: AnyObject> {
  let references: UnsafeMutableBufferPointer<Unretained<Object>>
  private let objects: [Object]

  init(_ objects: [Object]) {
    self.objects = objects
    references = .allocate(capacity: objects.count)
    for (index, object) in objects.enumerated() {
      references.initializeElement(at: index, to: Unretained(object))
    }
  }

  deinit { references.deallocate() }
}
