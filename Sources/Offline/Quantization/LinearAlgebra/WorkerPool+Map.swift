import Kernels

extension WorkerPool {
  /// What `body` gives for each index of `0..<count`, in order, computed by all threads.
  func map<Result>(_ count: Int, _ body: (_ index: Int) -> Result) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress {
        let slots = Slots(base: base)
        forEach(count) { (slots.base + $0).initialize(to: body($0)) }
      }
      initialized = count
    }
  }
}

private struct Slots<Result>: @unchecked Sendable {  // Sendable: each thread fills slots of its own.
  let base: UnsafeMutablePointer<Result>
}
