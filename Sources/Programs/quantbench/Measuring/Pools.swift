import Kernels

/// One worker pool for each number of threads, started when it is first needed; idle ones sleep.
final class Pools {
  private var pools: [Int: WorkerPool] = [:]

  subscript(threads: Int) -> WorkerPool {
    if let pool = pools[threads] { return pool }
    let pool = WorkerPool(threads: threads)
    pools[threads] = pool
    return pool
  }
}
