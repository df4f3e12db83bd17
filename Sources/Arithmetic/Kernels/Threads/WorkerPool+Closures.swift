extension WorkerPool {
  /// Runs a closure for each index of `0..<count`. It allocates where threads share the loop, so a model's
  /// steps do not use it.
  package func forEach(_ count: Int, _ body: (_ index: Int) -> Void) {
    forEachOnWorker(count) { index, _ in body(index) }
  }

  /// The same for a closure that also wants to know which worker runs it, 0 ..< ``threads``.
  package func forEachOnWorker(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
    guard count > 1, threads > 1 else {
      for index in 0..<max(0, count) { body(index, 0) }
      return
    }
    withoutActuallyEscaping(body) { forEach(count, ClosureBody(body: $0)) }
  }
}

/// A closure as the body of a loop.
struct ClosureBody: LoopBody {
  let body: (_ index: Int, _ worker: Int) -> Void

  func run(_ index: Int, worker: Int) { body(index, worker) }
}
