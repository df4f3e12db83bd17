import Synchronization

/// The indices of one loop, a contiguous share for each worker.
///
/// A worker takes its own share from the front and, when that is used up, other shares from the back. So a row is computed
/// by the same core in loop after loop, where it still lies in the core's caches, and yet nobody waits for a worker that
/// comes late or not at all.
struct IndexShares: ~Copyable {
  /// What is left of each share: the first index in the lower half of a word, the end in the upper.
  private let left: UnsafeMutablePointer<Atomic<UInt64>>
  private let workers: Int

  /// Words from one share to the next: two cache lines, because cores fetch lines in pairs.
  private static let stride = 16
  private static let end: UInt64 = 1 << 32

  init(workers: Int) {
    self.workers = workers
    left = .allocate(capacity: workers * Self.stride)
    for word in 0..<workers * Self.stride { (left + word).initialize(to: Atomic(0)) }
  }

  deinit { left.deallocate() }

  /// Divides `0..<count`, below 2³², evenly. Nobody may be taking indices meanwhile.
  func deal(_ count: Int) {
    let (size, longer) = count.quotientAndRemainder(dividingBy: workers)
    var first = 0
    for worker in 0..<workers {
      let end = first + size + (worker < longer ? 1 : 0)
      left[worker * Self.stride].store(UInt64(end) << 32 | UInt64(first), ordering: .relaxed)
      first = end
    }
  }

  /// An index that nobody else gets, or nil when all are taken.
  func next(for worker: Int) -> Int? {
    if let index = take(worker, fromFront: true) { return index }
    for distance in 1..<max(1, workers) {
      if let index = take((worker + distance) % workers, fromFront: false) { return index }
    }
    return nil
  }

  private func take(_ worker: Int, fromFront: Bool) -> Int? {
    var current = left[worker * Self.stride].load(ordering: .relaxed)
    while true {
      let (first, end) = (Int(current % Self.end), Int(current / Self.end))
      guard first < end else { return nil }
      let (done, found) = left[worker * Self.stride].weakCompareExchange(
        expected: current, desired: fromFront ? current + 1 : current - Self.end, ordering: .relaxed)
      if done { return fromFront ? first : end - 1 }
      current = found
    }
  }
}
