/// Zeroed memory, aligned to 64 bytes (a cache line and a 512-bit register), freed with its last reference.
///
/// The owner decides who may write when; nothing here synchronizes.
public final class AlignedStorage: @unchecked Sendable {
  // Sendable: a plain allocation; writers are exclusive by contract.
  public let bytes: UnsafeMutableRawBufferPointer

  public init(byteCount: Int) {
    precondition(byteCount >= 0, "AlignedStorage: \(byteCount) bytes")
    bytes = .allocate(byteCount: max(byteCount, 1), alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { bytes.deallocate() }

  public var baseAddress: UnsafeMutableRawPointer { bytes.baseAddress! }

  /// The memory as elements of `type`, from the start.
  public func pointer<Element: BitwiseCopyable>(to type: Element.Type) -> UnsafeMutablePointer<Element> {
    baseAddress.assumingMemoryBound(to: type)
  }
}
