import CIntrinsics
import Glibc

/// Keeps a pool's workers off the caller's CPU and off each other's, where the pool has a thread for every CPU.
///
/// Left alone, a kernel may wake a worker on the CPU of the thread that woke it: the two then take turns while another
/// CPU idles, and two threads are as fast as one. Virtual machines that gather work on few of their CPUs do so every time.
/// A pool with fewer threads than CPUs leaves the choice to the kernel, which may have other work to place.
///
/// The caller is never moved: the workers follow it.
final class ThreadPlacement: @unchecked Sendable {
  // Sendable: changed only by the pool's one user, between loops.

  private let workers: [pthread_t]
  /// The CPUs of the process; empty where the workers are not placed.
  private let cpus: [CInt]
  /// Where the caller was when the workers were placed.
  private var caller: CInt = -1

  init(workers: [pthread_t]) {
    let cpus = WorkerPool.allowedCPUs().map(CInt.init)
    self.workers = workers
    self.cpus = workers.count + 1 == cpus.count && cpus.count > 1 ? cpus : []
  }

  /// Places the workers around the calling thread if that has moved since the last call; if not, it costs
  /// nanoseconds.
  @inline(__always)
  func follow() {
    if cpus.isEmpty { return }
    let cpu = current_cpu()
    if cpu != caller { place(around: cpu) }
  }

  /// Gives the workers the CPUs after the caller's, in a circle. Where the system refuses, they stay where they
  /// are.
  @inline(never)
  private func place(around cpu: CInt) {
    caller = cpu
    guard let own = cpus.firstIndex(of: cpu) else { return }
    for (index, worker) in workers.enumerated() {
      _ = keep_thread_on_cpu(worker, cpus[(own + index + 1) % cpus.count])
    }
  }
}
