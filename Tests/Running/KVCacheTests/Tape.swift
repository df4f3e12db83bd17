import Architectures
import KVBlocks
import KVCache
import Kernels
import TestSupport

#if canImport(Glibc)
  import Glibc
#endif

/// A random sequence's q, k and v, and ways to push it through a cache.
struct Tape {
  static let heads = 6
  static let keyValueHeads = 2

  let tokens: Int
  let headSize: Int
  let scheme: AttentionScheme
  let logits: LogitRule
  var q: [Float]
  var k: [Float]
  var v: [Float]

  init(
    tokens: Int, scheme: AttentionScheme = .init(), logits: LogitRule = .init(), headSize: Int = 20,
    seed: UInt64 = 1
  ) {
    var random = SeededGenerator(seed: seed)
    self.tokens = tokens
    self.headSize = headSize
    self.scheme = scheme
    self.logits = logits
    q = random.floats(tokens * Self.heads * headSize, in: -2...2)
    k = random.floats(tokens * Self.keyValueHeads * headSize, in: -2...2)
    v = random.floats(tokens * Self.keyValueHeads * headSize)
  }

  var out: [Float] { [Float](repeating: 0, count: q.count) }

  var shape: CacheShape {
    CacheShape(
      layers: [scheme], logits: logits, keyValueHeads: Self.keyValueHeads, headSize: headSize)
  }

  func rows(_ values: [Float], _ tokens: Range<Int>, heads: Int) -> ArraySlice<Float> {
    values[tokens.lowerBound * heads * headSize..<tokens.upperBound * heads * headSize]
  }

  /// The outputs of a fresh cache that reads the tape in `chunks`.
  func run(
    set: InstructionSet = .current, threads: Int = 1, chunks: [Int], table: [Int32]? = nil
  ) throws -> [Float] {
    let pages = (tokens + 63) / 64
    let cache = try PagedKVCache(shape: shape, blocks: max(pages, 8), sequences: 1, set: set)
    return run(in: cache, threads: threads, chunks: chunks, table: table)
  }

  func run(
    in cache: PagedKVCache, layer: Int = 0, threads: Int, chunks: [Int], table: [Int32]? = nil, slot: Int = 0,
    from start: Int = 0
  ) -> [Float] {
    let pool = WorkerPool(threads: threads)
    let blocks = (table ?? (0..<Int32((tokens + 63) / 64)).map { $0 }).map { BlockID(rawValue: $0) }
    var result = out
    var position = start
    for count in chunks {
      blocks.withUnsafeBufferPointer { blocks in
        let segment = PagedKVCache.Segment(
          slot: slot, blockTable: blocks.baseAddress!, position: position, count: count, row: position)
        withUnsafePointer(to: segment) {
          cache.attend(
            layer: layer, segments: UnsafeBufferPointer(start: $0, count: 1), q: q, k: k, v: v, out: &result,
            heads: Self.heads, pool: pool)
        }
      }
      position += count
    }
    return result
  }

  /// Causal attention in double precision, within the scheme's window and by the rule for logits.
  func exact() -> [Double] {
    let group = Self.heads / Self.keyValueHeads
    let scale = logits.scale ?? 1 / Double(headSize).squareRoot()
    var result: [Double] = []
    for t in 0..<tokens {
      for h in 0..<Self.heads {
        let query = (t * Self.heads + h) * headSize
        func at(_ s: Int) -> Int { (s * Self.keyValueHeads + h / group) * headSize }
        var sums = [Double](repeating: 0, count: headSize)
        var total = 0.0
        for s in max(0, t - (scheme.window ?? tokens) + 1)...t {
          var logit = 0.0
          for c in 0..<headSize { logit += Double(q[query + c] * k[at(s) + c]) }
          logit *= scale
          if let cap = logits.cap { logit = cap * tanh(logit / cap) }
          let weight = exp(logit)
          total += weight
          for c in 0..<headSize { sums[c] += weight * Double(v[at(s) + c]) }
        }
        result += sums.map { $0 / total }
      }
    }
    return result
  }
}

/// ‖a − b‖ / ‖b‖.
func relativeError(_ a: [Float], _ b: [Double]) -> Double {
  var (error, norm) = (0.0, 0.0)
  for (x, y) in zip(a, b) {
    error += (Double(x) - y) * (Double(x) - y)
    norm += y * y
  }
  return (error / norm).squareRoot()
}

/// Pointers to several block tables at once.
func withTables(_ tables: [[BlockID]], _ body: ([UnsafePointer<BlockID>]) throws -> Void) rethrows {
  let copies = tables.map { table in
    let copy = UnsafeMutablePointer<BlockID>.allocate(capacity: table.count)
    copy.initialize(from: table, count: table.count)
    return copy
  }
  defer { for copy in copies { copy.deallocate() } }
  try body(copies.map { UnsafePointer($0) })
}
