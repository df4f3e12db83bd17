import Glibc

/// Memory that is aligned to 64 bytes (a cache line, a 512-bit register) and freed with its last reference.
///
/// It is zeroed unless asked otherwise. Pages of a large allocation take memory only when they are first touched, so room
/// for the longest prompt costs nothing until such a prompt comes. Nothing here synchronizes: the owner decides which
/// thread writes when.
public final class AlignedStorage: @unchecked Sendable {
  // Sendable: a plain allocation; writers are exclusive by contract.
  public let bytes: UnsafeMutableRawBufferPointer
  private let allocation: UnsafeMutableRawPointer

  private static let alignment = 64

  /// - Parameter zeroed: false for memory that the caller writes at once.
  public init(byteCount: Int, zeroed: Bool = true) {
    precondition(byteCount >= 0, "AlignedStorage: \(byteCount) bytes")
    let count = max(byteCount, 1)
    let size = count + Self.alignment
    // Not aligned_alloc, which does not zero: calloc knows which pages come zeroed from the kernel.
    guard let allocation = zeroed ? calloc(size, 1) : malloc(size) else {
      preconditionFailure("AlignedStorage: no memory for \(byteCount) bytes")
    }
    self.allocation = allocation
    bytes = UnsafeMutableRawBufferPointer(
      start: allocation.alignedUp(toMultipleOf: Self.alignment), count: count)
  }

  deinit { free(allocation) }

  public var baseAddress: UnsafeMutableRawPointer { bytes.baseAddress! }

  /// The memory as elements of `type`, from the start.
  public func pointer<Element: BitwiseCopyable>(to type: Element.Type) -> UnsafeMutablePointer<Element> {
    baseAddress.assumingMemoryBound(to: type)
  }
}
