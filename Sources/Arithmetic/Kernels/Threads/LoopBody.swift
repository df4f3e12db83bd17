/// The body of a parallel loop, as a value: its fields are what the threads share.
///
/// A closure would be as easy to read, but Swift moves a closure to the heap before another thread may call it,
/// and counts references to it from every thread. A value stays on the caller's stack.
package protocol LoopBody {
  /// Runs piece `index`.
  ///
  /// - Parameter worker: The number of the thread that runs it, 0 ..< ``WorkerPool/threads``.
  func run(_ index: Int, worker: Int)
}

extension LoopBody {
  /// Runs piece `index` of the body at `address`. A worker calls it on the body's metatype, which is all that a
  /// region keeps of the type.
  static func run(_ address: UnsafeRawPointer, _ index: Int, worker: Int) {
    address.assumingMemoryBound(to: Self.self).pointee.run(index, worker: worker)
  }
}
