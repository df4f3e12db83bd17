import Synchronization
import Testing

@testable import Kernels

@Suite("Worker pool")
struct WorkerPoolTests {
  @Test("runs each index exactly once", arguments: [1, 2, 3, 5], [0, 1, 2, 3, 7, 1000])
  func eachIndexOnce(threads: Int, count: Int) {
    let pool = WorkerPool(threads: threads)
    let counts = UnsafeMutableBufferPointer<Int>.allocate(capacity: max(1, count))
    counts.initialize(repeating: 0)
    defer { counts.deallocate() }
    for _ in 0..<5 { pool.forEach(count) { counts[$0] += 1 } }
    #expect(counts.prefix(count).allSatisfy { $0 == 5 })
  }

  @Test("ten thousand small regions in a row all complete", arguments: [2, 3])
  func manyRegions(threads: Int) {
    let pool = WorkerPool(threads: threads)
    let sum = Atomic(0)
    for _ in 0..<10_000 {
      pool.forEach(4) { sum.add($0, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 60_000)
  }

  @Test("tells each piece which worker runs it, and gives every worker its own scratch memory")
  func workers() {
    let pool = WorkerPool(threads: 3)
    let scratch = pool.scratch(byteCount: 4096)
    let bases = Set((0..<pool.threads).map { UInt(bitPattern: scratch[$0]) })
    #expect(bases.count == pool.threads && bases.allSatisfy { $0 % 64 == 0 })
    let busy = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: 3)
    for worker in 0..<3 { (busy + worker).initialize(to: Atomic(0)) }
    defer { busy.deallocate() }
    let overlaps = Atomic(0)
    for _ in 0..<200 {
      pool.forEachOnWorker(20) { _, worker in
        if busy[worker].add(1, ordering: .relaxed).oldValue != 0 { overlaps.add(1, ordering: .relaxed) }
        busy[worker].subtract(1, ordering: .relaxed)
      }
    }
    #expect(overlaps.load(ordering: .relaxed) == 0)
  }

  @Test("a worker that comes in time computes the same contiguous share in every loop", arguments: [2, 3])
  func affinity(threads: Int) {
    let pool = WorkerPool(threads: threads)
    let count = 4 * threads
    let owners = UnsafeMutableBufferPointer<Int>.allocate(capacity: count)
    defer { owners.deallocate() }
    for _ in 0..<20 {
      let begun = Atomic(0)
      // No piece ends before every worker has one, so nobody takes another's share but at the end.
      pool.forEachOnWorker(count) { index, worker in
        owners[index] = worker
        begun.add(1, ordering: .relaxed)
        while begun.load(ordering: .relaxed) < threads {}
      }
      for worker in 0..<threads { #expect(owners[4 * worker] == worker) }
    }
  }

  @Test("shares end up taken once each, by whoever comes", arguments: [1, 2, 3, 7], [0, 1, 2, 5, 64])
  func shares(workers: Int, count: Int) {
    let shares = IndexShares(workers: workers)
    for taker in 0..<workers {
      shares.deal(count)
      var taken: [Int] = []
      while let index = shares.next(for: taker) { taken.append(index) }
      #expect(taken.sorted() == Array(0..<count))
    }
  }

  @Test("pools come and go, asleep or awake")
  func lifetimes() {
    for round in 0..<50 {
      let pool = WorkerPool(threads: 3)
      if round % 2 == 0 { pool.forEach(8) { _ in } }
    }
  }

  @Test(
    "reads a CPU quota",
    arguments: zip(["max 100000\n", "150000 100000\n", "50000 100000", "", "x y"], [nil, 1, 0, nil, nil]))
  func quota(text: String, expected: Int?) {
    #expect(WorkerPool.quota(cpuMax: text) == expected)
  }

  @Test("looks for quotas in the process's control group and in all above it")
  func controlGroups() {
    #expect(WorkerPool.controlGroups(from: "0::/a/b.service\n") == ["/a/b.service", "/a"])
    #expect(WorkerPool.controlGroups(from: "1:cpu:/x\n0::/\n") == [""])
    #expect(WorkerPool.controlGroups(from: "1:cpu:/x\n") == [])
  }

  @Test("reads the allowed CPUs")
  func allowedCPUs() {
    #expect(WorkerPool.allowedCPUs(from: "Name:\tx\nCpus_allowed_list:\t0-2,8\n") == [0, 1, 2, 8])
    #expect(WorkerPool.allowedCPUs(from: "") == [0])
    #expect(WorkerPool.availableThreads() >= 1)
  }
}
