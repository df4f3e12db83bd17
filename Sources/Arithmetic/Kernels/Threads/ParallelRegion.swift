import CIntrinsics
import Glibc
import Synchronization

/// The meeting point of one caller and its workers.
///
/// `state` is one word: the region's generation (upper half), whether it is open (bit 31), and how many workers
/// are inside. A worker enters an open region by compare-and-swap. So once the caller has closed the region and
/// sees nobody inside, no worker will touch the body again, and the caller does not wait for a worker that
/// slept through the region.
final class ParallelRegion: @unchecked Sendable {
  // Sendable: `work` and the shares change only while nobody is inside.

  private let state = Atomic<UInt64>(0)
  private let sleepers = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let shares: IndexShares
  /// The body of the open region: where it lies on the caller's stack, and its type.
  private var work: (body: UnsafeRawPointer, type: any LoopBody.Type)?
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private static let open: UInt64 = 1 << 31
  private static let inside: UInt64 = open - 1
  private static let generation: UInt64 = 1 << 32
  /// How long a worker looks for more work before it sleeps. It must last from one loop of a step to the next,
  /// which come within microseconds, because waking up takes tens of them; every step ends with this much idle
  /// spinning. Other lengths are not on record as measured.
  private static let spinNanoseconds = 50_000

  /// - Parameter workers: The most that will share a region, the caller included.
  init(workers: Int) {
    shares = IndexShares(workers: workers)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(wake)
    mutex.deallocate()
    wake.deallocate()
  }

  /// Runs every index on the caller (as worker 0) and on whichever workers come in time.
  func run<Body: LoopBody>(_ count: Int, _ body: UnsafePointer<Body>) {
    work = (UnsafeRawPointer(body), Body.self)
    shares.deal(count)
    let before = state.load(ordering: .relaxed)
    // Sequentially consistent with `sleep`: either a worker sees the new generation, or this thread sees the
    // sleeper.
    let opened = (before & ~(Self.generation - 1)) &+ (Self.generation | Self.open)
    state.store(opened, ordering: .sequentiallyConsistent)
    wakeSleepers(atMost: count - 1)
    takePart(as: 0)
    close()
    work = nil
  }

  /// A worker's life: until ``stop()``.
  func serve(as worker: Int) {
    var seen: UInt64 = 0
    while let current = waitForRegion(after: seen) {
      seen = current >> 32
      guard enter(current) else { continue }
      takePart(as: worker)
      state.subtract(1, ordering: .releasing)
    }
  }

  /// Ends every worker; no region is open, and none may be opened later.
  func stop() {
    stopping.store(true, ordering: .sequentiallyConsistent)
    wakeSleepers(atMost: .max)
  }

  private func takePart(as worker: Int) {
    guard let work else { return }
    while let index = shares.next(for: worker) { work.type.run(work.body, index, worker: worker) }
  }

  private func enter(_ expected: UInt64) -> Bool {
    var current = expected
    while current & Self.open != 0, current >> 32 == expected >> 32 {
      let (done, found) = state.weakCompareExchange(
        expected: current, desired: current + 1, ordering: .acquiring)
      if done { return true }
      current = found
    }
    return false
  }

  private func close() {
    state.bitwiseAnd(~Self.open, ordering: .acquiringAndReleasing)
    var spins = 0
    while state.load(ordering: .acquiring) & Self.inside != 0 {
      cpu_relax()
      spins += 1
      // The worker inside may have lost its core, perhaps to this thread: let it run.
      if spins & 0xfff == 0 { sched_yield() }
    }
  }

  /// The next open region's state, or nil when stopping.
  private func waitForRegion(after seen: UInt64) -> UInt64? {
    var deadline = 0
    var spins = 0
    while !stopping.load(ordering: .relaxed) {
      let current = state.load(ordering: .acquiring)
      if current & Self.open != 0, current >> 32 != seen { return current }
      cpu_relax()
      spins += 1
      guard spins & 0x3f == 0 else { continue }
      let now = monotonicNanoseconds()
      if deadline == 0 { deadline = now + Self.spinNanoseconds }
      if now > deadline {
        sleep(after: seen)
        deadline = 0
      }
    }
    return nil
  }

  private func sleep(after seen: UInt64) {
    pthread_mutex_lock(mutex)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while !stopping.load(ordering: .sequentiallyConsistent), !hasRegion(after: seen) {
      pthread_cond_wait(wake, mutex)
    }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }

  private func hasRegion(after seen: UInt64) -> Bool {
    let current = state.load(ordering: .sequentiallyConsistent)
    return current & Self.open != 0 && current >> 32 != seen
  }

  private func wakeSleepers(atMost limit: Int) {
    let sleeping = sleepers.load(ordering: .sequentiallyConsistent)
    guard sleeping > 0 else { return }
    // A worker that is about to sleep holds the mutex until it sleeps, so taking it once waits for that. The
    // signal comes after the unlock: under the mutex, the woken thread would find it taken and sleep again.
    pthread_mutex_lock(mutex)
    pthread_mutex_unlock(mutex)
    for _ in 0..<min(sleeping, limit) { pthread_cond_signal(wake) }
  }
}

private func monotonicNanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
