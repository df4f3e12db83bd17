import KVBlocks
import Kernels
import TensorCore

/// All layers' pages: `blocks` blocks of 64 tokens, and the unfinished pages of `sequences` sequences.
///
/// One block is one page for every layer and kv-head, so a block table of a sequence serves all its layers. A
/// token at position t sees the sealed pages before t / 64 in their codes and its own page in float16. A page
/// is sealed, into the block that the table names, when its 64th token has been appended. A layer with a window of
/// W tokens sees those from t − W + 1 on. So what a token sees depends on its position alone, and results are the same
/// bits for every chunking, batch and number of threads.
///
/// The caller knows which blocks are free and how long a sequence is; the cache does not. Memory is touched
/// when it is first written. One call at a time.
///
/// In memory: pages `[block][layer][kv-head]`, tails `[slot][layer][kv-head][K, V][64][channels]`.
package final class PagedKVCache {
  /// One sequence's consecutive new tokens in this step.
  package struct Segment {
    /// The sequence's place for its unfinished pages, in `0..<sequences`; no two segments of a call share
    /// one.
    package var slot: Int
    /// The blocks of pages 0… up to the one that holds the last new token, if that page becomes full; else up
    /// to the one before. Read during the call only.
    package var blockTable: UnsafePointer<BlockID>
    /// Position of the first new token; the tokens before it have been appended.
    package var position: Int
    /// New tokens, at least 1.
    package var count: Int
    /// Row of the first new token in q, k, v and out.
    package var row: Int

    package init(slot: Int, blockTable: UnsafePointer<BlockID>, position: Int, count: Int, row: Int) {
      self.slot = slot
      self.blockTable = blockTable
      self.position = position
      self.count = count
      self.row = row
    }
  }

  package let shape: CacheShape
  package let blocks: Int
  package let sequences: Int
  /// Bytes of address space; the memory in use grows to this as blocks and slots are first written.
  package let byteCount: Int

  private let pages: ReservedMemory
  private let tails: ReservedMemory
  private let set: InstructionSet
  private let sealKernel: SealPageKernel
  private let numbers: [AttentionNumbers]
  /// Offset of each layer's pages in a block.
  private let layerOffsets: [Int]
  private let bytesPerBlock: Int
  private var workers = HeldObjects<AttentionWorker>([])
  private var plan = AttentionPlan()

  /// - Parameter set: The instruction set to use; tests compare them.
  /// - Throws: ``CacheError`` where the sizes overflow or the system refuses the address space.
  package init(
    shape: CacheShape, blocks: Int, sequences: Int, set: InstructionSet = .current
  ) throws(CacheError) {
    let (pageBytes, overflow) = shape.bytesPerBlock.multipliedReportingOverflow(by: blocks)
    let (tailBytes, tailOverflow) = shape.bytesPerTail.multipliedReportingOverflow(by: sequences)
    let (total, sumOverflow) = pageBytes.addingReportingOverflow(tailBytes)
    guard !overflow, !tailOverflow, !sumOverflow, blocks >= 0, sequences >= 0 else {
      throw .tooLarge(
        blocks: blocks, bytesPerBlock: shape.bytesPerBlock, sequences: sequences,
        bytesPerTail: shape.bytesPerTail)
    }
    self.shape = shape
    self.blocks = blocks
    self.sequences = sequences
    self.set = set
    sealKernel = .select(for: set)
    byteCount = total
    bytesPerBlock = shape.bytesPerBlock
    pages = try ReservedMemory(byteCount: pageBytes)
    tails = try ReservedMemory(byteCount: tailBytes)
    numbers = shape.layers.map { $0.scheme.numbers(headSize: shape.headSize, logits: $0.logits) }
    var offset = 0
    layerOffsets = shape.layers.indices.map { layer in
      defer { offset += shape.keyValueHeads * shape.format(layer: layer).byteCount }
      return offset
    }
  }

  /// Appends each segment's K and V and attends.
  ///
  /// - Parameters:
  ///   - q: `[rows][heads · headSize]`, rotary applied.
  ///   - k: `[rows][kvHeads · headSize]`, rotary applied.
  ///   - v: `[rows][kvHeads · headSize]`.
  ///   - stride: Floats from one row of q, k and v to the next where all three lie in one joined projection;
  ///     nil where each is without gaps.
  ///   - out: `[rows][heads · headSize]`; rows of no segment are left alone.
  ///   - heads: Query heads, a multiple of the kv-heads; head h reads kv-head `h / (heads / kvHeads)`.
  /// - Complexity: Per token O(`heads` · tokens that it sees · `headSize`). Allocates nothing in the steady state:
  ///   buffers grow with the longest chunk, the most sequences and the longest context seen.
  package func attend(
    layer: Int, segments: UnsafeBufferPointer<Segment>, q: UnsafePointer<Float>, k: UnsafePointer<Float>,
    v: UnsafePointer<Float>, stride: Int? = nil, out: UnsafeMutablePointer<Float>, heads: Int,
    pool: WorkerPool
  ) {
    precondition(heads % shape.keyValueHeads == 0, "PagedKVCache: \(heads) heads over \(shape.keyValueHeads)")
    for segment in segments { check(segment) }
    if workers.count < pool.threads { makeWorkers(pool.threads) }
    let step = AttentionStep(
      memory: memory(layer: layer), numbers: numbers[layer],
      window: shape.layers[layer].scheme.window ?? .max, segments: segments, heads: heads,
      keyValueHeads: shape.keyValueHeads, q: q, k: k, v: v, stride: stride, out: out,
      sealKernel: sealKernel)
    plan.plan(segments, step: step, threads: pool.threads)

    let (workers, states, sumsOnly) = (workers.references, plan.memory, plan.sumsOnly)
    // Nothing writes to these arrays here. The access is mutable because one that only reads retains the array.
    plan.first.withUnsafeMutableBufferPointer { pieces in
      let first = AttentionPieces(step: step, pieces: pieces, workers: workers, states: states)
      pool.forEach(pieces.count, first)
    }
    plan.second.withUnsafeMutableBufferPointer { pieces in
      let second = AttentionPieces(step: step, pieces: pieces, workers: workers, states: states)
      if sumsOnly {
        for index in pieces.indices { second.run(index, worker: 0) }
      } else {
        pool.forEach(pieces.count, second)
      }
    }
  }

  private func makeWorkers(_ count: Int) {
    workers = HeldObjects(
      (0..<count).map { _ in
        AttentionWorker(headSize: shape.headSize, bytesPerTailHead: shape.bytesPerTailHead, set: set)
      })
  }

  private func check(_ segment: Segment) {
    precondition(
      segment.slot >= 0 && segment.slot < sequences, "PagedKVCache: slot \(segment.slot) of \(sequences)")
    precondition(
      segment.position >= 0 && segment.count >= 1,
      "PagedKVCache: \(segment.count) tokens at position \(segment.position)")
  }

  private func memory(layer: Int) -> LayerMemory {
    LayerMemory(
      pages: pages.base + layerOffsets[layer],
      tails: tails.base + layer * shape.keyValueHeads * shape.bytesPerTailHead, blocks: blocks,
      bytesPerBlock: bytesPerBlock, bytesPerPage: numbers[layer].format.byteCount,
      bytesPerTail: shape.bytesPerTail, bytesPerTailHead: shape.bytesPerTailHead)
  }
}
