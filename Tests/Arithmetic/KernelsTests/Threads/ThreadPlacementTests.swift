import FoundationEssentials
import Synchronization
import Testing

@testable import Kernels

@Suite("Thread placement")
struct ThreadPlacementTests {
  private static let cpus = WorkerPool.allowedCPUs()

  @Test(
    "gives each worker a CPU of its own where there is one for every thread", .enabled(if: cpus.count > 1))
  func oneEach() throws {
    let allowed = try Self.allowedOfWorkers(threads: Self.cpus.count)
    #expect(allowed.allSatisfy { $0.count == 1 }, "\(allowed)")
    #expect(Set(allowed.flatMap { $0 }).count == Self.cpus.count - 1, "\(allowed)")
  }

  @Test("leaves the choice to the system where there are more threads than CPUs")
  func leftAlone() throws {
    let allowed = try Self.allowedOfWorkers(threads: Self.cpus.count + 1)
    #expect(allowed == [[Int]](repeating: Self.cpus, count: Self.cpus.count))
  }

  /// The CPUs that each worker but the caller may use, as the system tells the worker itself.
  private static func allowedOfWorkers(threads: Int) throws -> [[Int]] {
    let pool = WorkerPool(threads: threads)
    let texts = Mutex([Int: String]())
    let begun = Atomic(0)
    // No piece ends before every worker has one.
    pool.forEachOnWorker(threads) { _, worker in
      begun.add(1, ordering: .relaxed)
      while begun.load(ordering: .relaxed) < threads {}
      let text = try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
      texts.withLock { $0[worker] = text }
    }
    return try (1..<threads).map { worker in
      WorkerPool.allowedCPUs(from: try #require(texts.withLock { $0[worker] }))
    }
  }
}
