/// The body of a parallel loop, as a value: its fields are what the threads share.
///
/// A closure would read as well, but Swift moves a closure to the heap before another thread may call it, and counts
/// references to it from every thread. A value stays on the caller's stack.
package protocol LoopBody {
  /// Runs piece `index`.
  ///
  /// - Parameter worker: Who runs it, 0 ..< ``WorkerPool/threads``.
  func run(_ index: Int, worker: Int)
}

extension LoopBody {
  /// Runs piece `index` of the body at `address`: for who knows the type by its metatype alone.
  static func run(_ address: UnsafeRawPointer, _ index: Int, worker: Int) {
    address.assumingMemoryBound(to: Self.self).pointee.run(index, worker: worker)
  }
}
