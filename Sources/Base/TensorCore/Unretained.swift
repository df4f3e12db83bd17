/// A reference that nobody counts, to an object that somebody else keeps alive while it is used.
///
/// Swift counts a reference that it takes out of an array or out of memory that other threads can see, with an atomic
/// addition each way. Inside a step, whose caller holds everything, that would be for nothing:
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
