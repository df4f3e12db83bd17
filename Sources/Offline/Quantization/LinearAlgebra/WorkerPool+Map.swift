import Kernels

extension WorkerPool {
  /// What `body` gives for each index of `0..<count`, in order, computed by all threads.
  func map<Result>(_ count: Int, _ body: (_ index: Int) -> Result) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress {
        forEach(count) { (base + $0).initialize(to: body($0)) }
      }
      initialized = count
    }
  }
}
