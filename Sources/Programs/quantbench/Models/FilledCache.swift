import FloatKernels
import KVBlocks
import KVCache
import Kernels
import TensorCore

/// A cache whose sequences have seen a context of random tokens, made without computing a prefill.
///
/// All layers and sequences see the same tokens. Each page is sealed as the first page of a sequence, which
/// attends to nothing before it; then the block tables are put together from those pages.
final class FilledCache {
  /// The form of one row of q, k and v in a joined projection.
  struct Rows {
    let heads: Int
    let keyValueHeads: Int
    let headSize: Int

    var stride: Int { (heads + 2 * keyValueHeads) * headSize }
    var keys: Int { heads * headSize }
    var values: Int { keys + keyValueHeads * headSize }
  }

  let cache: PagedKVCache
  let context: Int
  private let rows: Rows
  private let pool: WorkerPool
  private let chunk: Int
  /// Rows of q, k and v: the context's tokens, then those to append.
  private lazy var input = RandomFloats(count: (context + chunk) * rows.stride)
  private lazy var output = AlignedStorage(byteCount: 4 * chunk * rows.heads * rows.headSize)
  private let tables: UnsafeMutablePointer<BlockID>
  private let pages: Int

  /// Blocks that `sequences` sequences need to see `context` tokens and append one.
  static func blocks(sequences: Int, context: Int) -> Int { sequences * (context / PageFormat.tokens + 1) }

  /// - Parameter chunk: The most tokens that one call of ``attend(layer:segments:)`` appends over all
  ///   sequences.
  init(_ cache: PagedKVCache, _ rows: Rows, context: Int, chunk: Int = PageFormat.tokens, pool: WorkerPool) {
    self.cache = cache
    self.context = context
    self.rows = rows
    self.pool = pool
    self.chunk = max(chunk, PageFormat.tokens)
    pages = context / PageFormat.tokens + 1
    let blocks = Self.blocks(sequences: cache.sequences, context: context)
    precondition(blocks <= cache.blocks, "FilledCache: \(blocks) blocks of \(cache.blocks)")
    tables = .allocate(capacity: blocks)
    for block in 0..<blocks { tables[block] = BlockID(rawValue: Int32(block)) }
    fill()
  }

  deinit { tables.deallocate() }

  /// A segment of `count` tokens of sequence `slot` from `position` on.
  func segment(slot: Int, position: Int, count: Int, row: Int) -> PagedKVCache.Segment {
    PagedKVCache.Segment(
      slot: slot, blockTable: tables + slot * pages, position: position, count: count, row: row)
  }

  /// Computes one layer's attention and appends its keys and values.
  ///
  /// - Parameter first: The token whose q, k and v are row 0; nil for the first after the context.
  func attend(layer: Int, segments: [PagedKVCache.Segment], first: Int? = nil) {
    let row = input.pointer + (first ?? context) * rows.stride
    segments.withUnsafeBufferPointer {
      cache.attend(
        layer: layer, segments: $0, q: row, k: row + rows.keys, v: row + rows.values, stride: rows.stride,
        out: output.pointer(to: Float.self), heads: rows.heads, pool: pool)
    }
  }

  /// `‖output − float32 attention‖ / ‖float32 attention‖` over all heads of the token after the context, which
  /// ``attend(layer:segments:first:)`` has computed last.
  func error() -> Double {
    var (difference, norm) = (0.0, 0.0)
    for head in 0..<rows.heads {
      let exact = floatAttention(head: head)
      for (c, expected) in exact.enumerated() {
        let actual = output.pointer(to: Float.self)[head * rows.headSize + c]
        difference += Double(actual - expected) * Double(actual - expected)
        norm += Double(expected) * Double(expected)
      }
    }
    return (difference / norm).squareRoot()
  }

  /// Attention of the token after the context in float32, from the keys and values that were appended.
  func floatAttention(head: Int) -> [Float] {
    let member = head / (rows.heads / rows.keyValueHeads) * rows.headSize
    let float = FloatAttention(
      rows: 1, tokens: context + 1, dimension: rows.headSize, queryStride: rows.stride, keyStride: rows.stride
    )
    var result = [Float](repeating: 0, count: rows.headSize)
    float(
      queries: input.pointer + context * rows.stride + head * rows.headSize,
      keys: input.pointer + rows.keys + member, values: input.pointer + rows.values + member, output: &result)
    return result
  }

  /// Bytes of sealed pages that one decode step of all sequences reads.
  var stepBytes: Int { cache.sequences * (context / PageFormat.tokens) * cache.shape.bytesPerBlock }

  private func fill() {
    let (full, rest) = context.quotientAndRemainder(dividingBy: PageFormat.tokens)
    for slot in 0..<cache.sequences {
      for layer in 0..<cache.shape.layers.count {
        for page in 0..<full {
          var first = segment(slot: slot, position: 0, count: PageFormat.tokens, row: 0)
          first.blockTable += page
          attend(layer: layer, segments: [first], first: page * PageFormat.tokens)
        }
        if rest > 0 {
          let last = segment(slot: slot, position: full * PageFormat.tokens, count: rest, row: 0)
          attend(layer: layer, segments: [last], first: full * PageFormat.tokens)
        }
      }
    }
  }
}
