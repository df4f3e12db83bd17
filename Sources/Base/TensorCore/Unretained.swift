/// A reference to an object that somebody else keeps alive, without a reference count.
///
/// When Swift takes a reference out of an array, or out of memory that other threads can see, it adds one to the object's
/// count and later subtracts it again, both atomically. Inside a step this is wasted time, because the step's caller keeps
/// every object alive:
///
/// ```swift
/// layers[index].use { layer in attend(layer, rows: count) }
/// ```
///
/// The closure must not let the object escape.
@frozen
public struct Unretained<Object: AnyObject>: @unchecked Sendable {
  // Sendable: as far as the object is; who shares it between threads answers for that.

  @usableFromInline let reference: Unmanaged<Object>

  @inlinable
  public init(_ object: Object) { reference = .passUnretained(object) }

  /// Calls `body` with the object.
  @inlinable @inline(__always)
  public func use<Result>(_ body: (Object) throws -> Result) rethrows -> Result {
    try reference._withUnsafeGuaranteedRef(body)
  }
}
