/// Pieces of memory of one size, each aligned to 64 bytes.
///
/// These are plain addresses: a copy costs no reference count, and the maker of the memory has to keep it alive.
public struct AlignedParts {
  private let base: UnsafeMutableRawPointer
  /// Bytes from piece to piece.
  public let stride: Int

  fileprivate init(base: UnsafeMutableRawPointer, stride: Int) { (self.base, self.stride) = (base, stride) }

  public subscript(index: Int) -> UnsafeMutableRawPointer { base + index * stride }
}

extension AlignedStorage {
  /// Memory for `count` pieces of `byteCount` bytes, and where they lie in it.
  public static func parts(count: Int, byteCount: Int) -> (memory: AlignedStorage, parts: AlignedParts) {
    // Cores fetch lines of 64 bytes in pairs: pieces of two threads share none.
    let stride = (byteCount + 127) / 128 * 128
    let memory = AlignedStorage(byteCount: count * stride)
    return (memory, AlignedParts(base: memory.baseAddress, stride: stride))
  }
}
