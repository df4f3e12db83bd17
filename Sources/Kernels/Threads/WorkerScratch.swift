import TensorCore

/// Where each worker's scratch memory lies, as plain addresses: the pieces of a loop count no references.
public struct WorkerScratch {
  fileprivate let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>

  /// The memory of one worker, aligned to 64 bytes, its own until its piece of work ends.
  public subscript(worker: Int) -> UnsafeMutableRawPointer { addresses[worker] }
}

/// One block of memory per worker.
final class ScratchMemory: @unchecked Sendable {
  // Sendable: grown only by the pool's one user, between loops.

  private let scratch: WorkerScratch
  private var blocks: [AlignedStorage] = []
  private let workers: Int
  private var byteCount = 0

  init(workers: Int) {
    self.workers = workers
    scratch = WorkerScratch(addresses: .allocate(capacity: workers))
    grow(to: 1)
  }

  deinit { scratch.addresses.deallocate() }

  /// At least `byteCount` bytes for each worker.
  func reserve(_ byteCount: Int) -> WorkerScratch {
    if byteCount > self.byteCount { grow(to: byteCount) }
    return scratch
  }

  private func grow(to byteCount: Int) {
    self.byteCount = byteCount
    blocks = (0..<workers).map { _ in AlignedStorage(byteCount: byteCount) }
    for (worker, block) in blocks.enumerated() {
      (scratch.addresses + worker).initialize(to: block.baseAddress)
    }
  }
}
