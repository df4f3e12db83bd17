import AllocationCounter
import KVBlocks
import KVCache
import Kernels
import ModelFixtures
import Models
import Packs
import Synchronization
import Testing

@Suite("A model's step", .enabled(if: allocation_counter_available(), "a sanitizer has the allocator"))
struct StepAllocationTests {
  @Test("allocates nothing once an image has been classified", arguments: [1, 2], [8, 4])
  func vision(threads: Int, bits: Int) throws {
    let pool = WorkerPool(threads: threads)
    let model = try TinyPack.vit(bits: bits).open().makeViT(maxBatch: 3, pool: pool)
    let c = TinyPack.vitConfiguration
    let images = [Float](repeating: 0.5, count: 3 * c.channels * c.imageSize * c.imageSize)
    for count in [1, 3] {
      #expect(allocations(on: pool) { _ = model.classify(images, count: count) } == 0, "\(count) images")
    }
  }

  @Test("allocates nothing once a token has been decoded", arguments: [1, 2], [8, 4])
  func language(threads: Int, bits: Int) throws {
    let pool = WorkerPool(threads: threads)
    let limits = LlamaLimits(stepTokens: 8, sequences: 2, logitRows: 2, blocks: 2)
    let model = try TinyPack.llama(bits: bits).open().makeLlama(limits: limits, pool: pool)
    let tables = [BlockID(rawValue: 0), BlockID(rawValue: 1)]
    tables.withUnsafeBufferPointer { tables in
      let segments = (0..<2).map {
        PagedKVCache.Segment(slot: $0, blockTable: tables.baseAddress! + $0, position: 5, count: 1, row: $0)
      }
      var batch = LlamaBatch()
      (batch.tokens, batch.segments, batch.logitRows) = ([1, 2], segments, [0, 1])
      #expect(allocations(on: pool) { _ = model.forward(batch) } == 0)
    }
  }

  @Test("counts what it should count")
  func counter() {
    let pool = WorkerPool(threads: 2)
    #expect(allocations(on: pool) { _ = WorkerPool(threads: 1) } > 0)
  }

  /// Allocations that `step` makes on this thread and on the pool's when it has run before: the fewest of eight runs,
  /// because a worker that comes to its first piece late makes its buffers then.
  private func allocations(on pool: WorkerPool, _ step: () -> Void) -> Int {
    for _ in 0..<2 { step() }
    watch(pool, true)
    defer { watch(pool, false) }
    let counts = (0..<8).map { _ in
      let before = allocation_counter_total()
      step()
      return allocation_counter_total() - before
    }
    return counts.min() ?? 0
  }

  /// Each thread of the pool takes one piece, because none ends before all have begun.
  private func watch(_ pool: WorkerPool, _ watched: Bool) {
    let begun = Atomic(0)
    pool.forEach(pool.threads) { _ in
      begun.add(1, ordering: .relaxed)
      while begun.load(ordering: .relaxed) < pool.threads {}
      allocation_counter_watch_thread(watched)
    }
  }
}
