import TensorCore

/// A part of memory for each worker, which it may use until its piece of work ends.
final class ScratchMemory: @unchecked Sendable {
  // Sendable: grown only by the pool's one user, between loops.
  private var memory: AlignedStorage
  private var parts: AlignedParts
  private let workers: Int
  private var byteCount = 1

  init(workers: Int) {
    self.workers = workers
    (memory, parts) = AlignedStorage.parts(count: workers, byteCount: byteCount)
  }

  /// At least `byteCount` bytes for each worker.
  func reserve(_ byteCount: Int) -> AlignedParts {
    if byteCount > self.byteCount {
      self.byteCount = byteCount
      (memory, parts) = AlignedStorage.parts(count: workers, byteCount: byteCount)
    }
    return parts
  }
}
