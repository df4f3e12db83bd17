import KVBlocks
import KVCache
import Kernels
import ModelFixtures
import Models
import Packs
import RuntimeCounters
import Synchronization
import Testing

/// What Swift's runtime does in a step that has run before, on all threads: nothing.
@Suite(
  "A model's step",
  .enabled(if: !Counted.available.isEmpty, "a sanitizer has the allocator, and nothing is optimized"),
  .enabled(if: InstructionSet.current != .scalar, "the scalar definitions allocate"))
struct StepCostTests {
  static let variants = [
    (threads: 1, bits: 8), (threads: 1, bits: 4), (threads: 2, bits: 8), (threads: 2, bits: 4),
  ]

  @Test("an image", arguments: Counted.available, variants)
  func vision(counted: Counted, variant: (threads: Int, bits: Int)) throws {
    let pool = WorkerPool(threads: variant.threads)
    let model = try TinyPack.vit(bits: variant.bits).open().makeImageModel(maxBatch: 3, pool: pool)
    let c = TinyPack.vitConfiguration
    let images = [Float](repeating: 0.5, count: 3 * c.channels * c.imageSize * c.imageSize)
    for count in [1, 3] {
      #expect(counted.fewest(on: pool) { _ = model.classify(images, count: count) } == 0, "\(count) images")
    }
  }

  @Test("tokens", arguments: Counted.available, variants)
  func language(counted: Counted, variant: (threads: Int, bits: Int)) throws {
    try expectNothing(
      counted, threads: variant.threads,
      in: TinyPack.llama(bits: variant.bits, context: 2560, draftHead: variant.bits == 4))
  }

  @Test("tokens, with rotated weights", arguments: Counted.available, variants)
  func rotated(counted: Counted, variant: (threads: Int, bits: Int)) throws {
    try expectNothing(
      counted, threads: variant.threads,
      in: TinyPack.rotatedLlama(bits: variant.bits, context: 2560, draftHead: variant.bits == 4))
  }

  private func expectNothing(_ counted: Counted, threads: Int, in pack: TinyPack) throws {
    let pool = WorkerPool(threads: threads)
    let limits = SequenceLimits(stepTokens: 80, sequences: 2, logitRows: 2, blocks: 40)
    let model = try pack.open().makeSequenceModel(limits: limits, pool: pool)
    let table = (0..<40).map { BlockID(rawValue: $0) }
    try table.withUnsafeBufferPointer { table in
      let table = try #require(table.baseAddress)
      // Two sequences, one after many pages, and a chunk that fills a page and begins another.
      let steps: [[PagedKVCache.Segment]] = [
        [
          .init(slot: 0, blockTable: table, position: 5, count: 1, row: 0),
          .init(slot: 1, blockTable: table + 1, position: 9, count: 1, row: 1),
        ],
        [.init(slot: 0, blockTable: table, position: 2400, count: 1, row: 0)],
        [.init(slot: 0, blockTable: table, position: 60, count: 80, row: 0)],
      ]
      for (index, segments) in steps.enumerated() {
        var batch = SequenceBatch()
        batch.tokens = Array(repeating: 1, count: segments.reduce(0) { $0 + $1.count })
        (batch.segments, batch.logitRows) = (segments, [0])
        #expect(counted.fewest(on: pool) { _ = model.forward(batch) } == 0, "step \(index)")
      }
    }
  }

  @Test("is counted", arguments: Counted.available)
  func counter(counted: Counted) {
    let pool = WorkerPool(threads: 2)
    var kept: [AnyObject] = []
    let count = counted.fewest(on: pool) {
      kept = []
      let object = WorkerPool(threads: 1)
      kept = [object, object]
    }
    #expect(count > 0 && kept.count == 2)
  }
}

/// Something that the runtime does behind a program's back.
enum Counted: CustomTestStringConvertible {
  case allocations, retains

  /// A sanitizer has its own allocator, and code that is not optimized retains what it looks at.
  static var available: [Counted] {
    var counted: [Counted] = []
    if runtime_counters_have_allocations() { counted.append(.allocations) }
    #if !DEBUG
      if runtime_counters_have_retains() { counted.append(.retains) }
    #endif
    return counted
  }

  var testDescription: String { "\(self)" }

  /// How often `step` does it on this thread and on the pool's when it has run before: the fewest of eight runs, because a
  /// worker that comes to its first piece late makes its buffers then.
  func fewest(on pool: WorkerPool, _ step: () -> Void) -> Int {
    for _ in 0..<2 { step() }
    watch(pool, true)
    defer { watch(pool, false) }
    let counts = (0..<8).map { _ in
      let before = total
      step()
      return total - before
    }
    return counts.min() ?? 0
  }

  private var total: Int {
    switch self {
    case .allocations: runtime_counters_allocations()
    case .retains: runtime_counters_retains()
    }
  }

  /// Each thread of the pool takes one piece, because none ends before all have begun.
  private func watch(_ pool: WorkerPool, _ watched: Bool) {
    let begun = Atomic(0)
    pool.forEach(pool.threads) { _ in
      begun.add(1, ordering: .relaxed)
      while begun.load(ordering: .relaxed) < pool.threads {}
      runtime_counters_watch_thread(watched)
    }
  }
}
