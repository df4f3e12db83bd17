import FoundationEssentials
import Glibc
import Kernels

extension Suite {
  static let pool: Suite = Suite(name: "pool", summary: "an empty parallel region, waking up, falling asleep")
  { bench in
    for threads in bench.options.threadCounts where threads > 1 {
      PoolBenchmark(bench: bench, threads: threads).run()
    }
  }
}

private struct PoolBenchmark {
  let bench: Bench
  let threads: Int

  func run() {
    // Workers of other pools sleep already and would be counted, so only the threads that are new here are
    // watched.
    let before = Self.threadIDs()
    let pool = WorkerPool(threads: threads)
    let workers = Self.threadIDs().subtracting(before)
    if bench.wants("empty region, workers awake") { awake(pool) }
    if bench.wants("empty region, workers asleep") { asleep(pool, workers) }
    if bench.wants("until workers sleep") { untilAsleep(pool, workers) }
  }

  private func awake(_ pool: WorkerPool) {
    let timing = bench.time { pool.forEach(threads, Nothing()) }
    bench.duration(.pool, "empty region, workers awake", threads: threads, timing, unit: .microseconds)
  }

  private func asleep(_ pool: WorkerPool, _ workers: Set<Int>) {
    let samples = (0..<100).map { _ in
      while !workers.allSatisfy(Self.isAsleep) {}
      return Timing.seconds { pool.forEach(threads, Nothing()) }
    }
    bench.duration(
      .pool, "empty region, workers asleep", threads: threads, Timing(samples: samples), unit: .microseconds)
  }

  /// From the end of a region until the kernel says that every worker sleeps; asking takes some microseconds
  /// itself.
  private func untilAsleep(_ pool: WorkerPool, _ workers: Set<Int>) {
    let samples = (0..<100).map { _ in
      pool.forEach(threads, Nothing())
      return Timing.seconds { while !workers.allSatisfy(Self.isAsleep) {} }
    }
    bench.duration(
      .pool, "until workers sleep", threads: threads, Timing(samples: samples), unit: .microseconds)
  }

  private static func threadIDs() -> Set<Int> {
    Set(
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task"))?.compactMap { Int($0) } ?? [])
  }

  /// Whether the state in the thread's `stat`, the letter behind its name in parentheses, is `S`.
  private static func isAsleep(_ thread: Int) -> Bool {
    let file = open("/proc/self/task/\(thread)/stat", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return true }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
      let count = max(0, read(file, buffer.baseAddress, buffer.count))
      guard let end = buffer[..<count].lastIndex(of: UInt8(ascii: ")")), end + 2 < count else { return true }
      return buffer[end + 2] == UInt8(ascii: "S")
    }
  }
}

private struct Nothing: LoopBody {
  func run(_ index: Int, worker: Int) {}
}
