import Glibc
import TensorCore

/// A fixed set of threads that share loops: the only parallelism of the kernels.
///
/// Workers spin for a moment after work, because the next layer is microseconds away, and then sleep: an idle
/// pool costs no CPU. One thread at a time may use a pool, and a body must not use the pool that runs it.
package final class WorkerPool: Sendable {
  /// Threads that share a loop, the caller included.
  package let threads: Int

  private let region: ParallelRegion
  private let workers: [pthread_t]
  private let placement: ThreadPlacement
  private let scratch: ScratchMemory

  /// Starts `threads − 1` workers with all signals blocked; fewer where the system refuses more threads.
  ///
  /// - Precondition: `threads` is at least 1.
  package init(threads: Int) {
    precondition(threads >= 1, "WorkerPool: \(threads) threads")
    region = ParallelRegion(workers: max(1, threads))
    var workers: [pthread_t] = []
    for index in 1..<max(1, threads) {
      guard let worker = Self.start(WorkerSeat(region: region, worker: index)) else { break }
      workers.append(worker)
    }
    self.workers = workers
    placement = ThreadPlacement(workers: workers)
    self.threads = workers.count + 1
    scratch = ScratchMemory(workers: workers.count + 1)
  }

  deinit {
    region.stop()
    for worker in workers { pthread_join(worker, nil) }
  }

  /// Runs `body` for each index of `0..<count`, exactly once, and returns when all are done.
  ///
  /// Each worker begins with a contiguous share of the indices, the same in every loop of that count, and then helps with
  /// what the others have left. A loop allocates nothing and costs a fraction of a microsecond while the workers are awake.
  package func forEach<Body: LoopBody>(_ count: Int, _ body: Body) {
    guard count > 1, threads > 1 else {
      for index in 0..<max(0, count) { body.run(index, worker: 0) }
      return
    }
    placement.follow()
    withUnsafePointer(to: body) { region.run(count, $0) }
  }

  /// Scratch memory of at least `byteCount` bytes for each worker, until the next call; what was in it is lost.
  ///
  /// Allocates the first time a size is asked for. Call it outside of loops.
  package func scratch(byteCount: Int) -> AlignedParts { scratch.reserve(byteCount) }

  private static func start(_ seat: WorkerSeat) -> pthread_t? {
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(seat)
    let status = pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        let seat = Unmanaged<WorkerSeat>.fromOpaque(raw).takeRetainedValue()
        seat.region.serve(as: seat.worker)
        return nil
      }, argument.toOpaque())
    if status != 0 { argument.release() }
    return status == 0 ? thread : nil
  }
}

/// What a new thread is given: its number and the region that it serves.
private final class WorkerSeat {
  let region: ParallelRegion
  let worker: Int

  init(region: ParallelRegion, worker: Int) {
    self.region = region
    self.worker = worker
  }
}
