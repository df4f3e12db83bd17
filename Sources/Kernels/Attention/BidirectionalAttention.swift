import ScalarKernels
import TensorCore

/// Attention of every token to every token, as in a Vision Transformer, over quantized K and V.
///
/// Each image and head is one piece of work: K and V are rounded to float16, sealed into pages with the
/// kernels of the cache, and all rows attend. Results do not depend on the batch or on the number of threads.
/// One call at a time.
public final class BidirectionalAttention {
  /// One thread's buffers.
  private struct Worker {
    let rows: AttentionRows
    let keys: AlignedStorage
    let values: AlignedStorage
    let pages: AlignedStorage
  }

  public let heads: Int
  public let headSize: Int
  public let tokens: Int
  private let workers: [Worker]
  private let pool: WorkerPool
  private let sealKernel: SealPageKernel

  /// - Parameters:
  ///   - tokens: Tokens of one image, class token included.
  ///   - set: The instruction set to use; tests compare them.
  public init(heads: Int, headSize: Int, tokens: Int, pool: WorkerPool, set: InstructionSet = .current) {
    precondition(tokens > 0, "BidirectionalAttention: \(tokens) tokens")
    self.heads = heads
    self.headSize = headSize
    self.tokens = tokens
    self.pool = pool
    sealKernel = .select(for: set)
    let widest = PageFormat(headSize: headSize, keyBits: 8, valueBits: 8)
    let pageCount = (tokens + PageFormat.tokens - 1) / PageFormat.tokens
    workers = (0..<pool.threads).map { _ in
      Worker(
        rows: AttentionRows(headSize: headSize, set: set),
        keys: AlignedStorage(byteCount: 2 * PageFormat.tokens * widest.channels),
        values: AlignedStorage(byteCount: 2 * PageFormat.tokens * widest.channels),
        pages: AlignedStorage(byteCount: pageCount * widest.byteCount))
    }
  }

  /// Attends within each of `images` images.
  ///
  /// - Parameters:
  ///   - q: `[images · tokens]` rows of `heads · headSize` floats, `stride` floats apart; `k` and `v` alike,
  ///     so that all three may lie in the output of one linear layer.
  ///   - output: `[images · tokens][heads · headSize]`, without gaps.
  /// - Complexity: O(`images` · `heads` · `tokens`² · `headSize`); allocates nothing after the first call.
  public func callAsFunction(
    _ scheme: AttentionScheme, images: Int, q: UnsafePointer<Float>, k: UnsafePointer<Float>,
    v: UnsafePointer<Float>, stride: Int, output: UnsafeMutablePointer<Float>
  ) {
    let numbers = scheme.numbers(headSize: headSize)
    pool.forEachOnWorker(images * heads) { item, worker in
      let (image, head) = (item / heads, item % heads)
      let input = image * tokens * stride + head * headSize
      let buffers = workers[worker]
      seal(numbers.format, k: k + input, v: v + input, stride: stride, into: buffers)
      buffers.rows.begin(rows: tokens)
      for t in 0..<tokens { buffers.rows.setQuery(t, q + input + t * stride) }
      buffers.rows.attendPages(
        numbers, count: pageCount, lastValid: tokens - (pageCount - 1) * PageFormat.tokens
      ) {
        UnsafeRawPointer(buffers.pages.baseAddress + $0 * numbers.format.byteCount)
      }
      let width = heads * headSize
      let result = output + image * tokens * width + head * headSize
      for t in 0..<tokens { buffers.rows.finish(t, output: result + t * width) }
    }
  }

  private var pageCount: Int { (tokens + PageFormat.tokens - 1) / PageFormat.tokens }

  /// Seals one head's K and V, page by page.
  private func seal(
    _ format: PageFormat, k: UnsafePointer<Float>, v: UnsafePointer<Float>, stride: Int, into buffers: Worker
  ) {
    let (keys, values) = (buffers.keys.pointer(to: Float16.self), buffers.values.pointer(to: Float16.self))
    for page in 0..<pageCount {
      let first = page * PageFormat.tokens
      let count = min(PageFormat.tokens, tokens - first)
      sealKernel.storeHalf(format, source: k + first * stride, stride: stride, rows: count, target: keys)
      sealKernel.storeHalf(format, source: v + first * stride, stride: stride, rows: count, target: values)
      sealKernel(
        format, keys: keys, values: values, valid: count,
        page: buffers.pages.baseAddress + page * format.byteCount)
    }
  }
}
