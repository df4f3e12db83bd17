import Synchronization

extension WorkerPool {
  /// Runs `body` once for each item in `0..<count`, and tells it which of `threads` workers it is on, so that each worker
  /// can own its buffers. Workers take the next item when they are done, so uneven items balance.
  public func forEachItem(_ count: Int, _ body: (_ worker: Int, _ item: Int) -> Void) {
    let next = Atomic<Int>(0)
    forEach(min(threads, count)) { worker in
      while true {
        let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if item >= count { return }
        body(worker, item)
      }
    }
  }
}
