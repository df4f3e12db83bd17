import Architectures
import ScalarKernels
import TensorCore

/// Attention of every token to every token, as in a Vision Transformer, over quantized K and V.
///
/// It takes three steps. Any threads may divide a step, but each begins when all of the one before is done:
///
/// - ``measure(head:share:rows:k:v:stride:)`` for each head and share of the rows,
/// - ``prepare(_:head:tokens:k:v:stride:)`` for each head and any of its tokens,
/// - ``attend(_:head:rows:q:stride:output:outputStride:worker:)`` for each head and any rows.
///
/// A thread that measures and prepares the rows that it computed reads little but ranges from another core.
/// Results do not depend on how the work is cut. One image at a time.
package final class BidirectionalAttention {
  package let heads: Int
  package let headSize: Int
  package let tokens: Int
  /// The layout with the widest codes, which sizes the memory.
  private let format: HeadFormat
  /// Codes of each head, of any scheme.
  private let prepared: AlignedParts
  /// Ranges of each share of the rows, head by head.
  private let ranges: AlignedParts
  private let shares: Int
  /// Scratch memory of each worker.
  private let scratch: AlignedParts
  private let preparedMemory, rangeMemory, scratchMemory: AlignedStorage
  private let pool: WorkerPool
  private let measureKernel: MeasureHeadKernel
  private let prepareKernel: PrepareHeadKernel
  private let attendKernel: AttendHeadKernel

  /// - Parameters:
  ///   - tokens: Tokens of one image, class token included.
  ///   - shares: How many shares of rows are measured.
  ///   - pool: Its threads may attend side by side.
  ///   - set: The instruction set to use; tests compare them.
  package init(
    heads: Int, headSize: Int, tokens: Int, shares: Int = 1, pool: WorkerPool, set: InstructionSet = .current
  ) {
    self.heads = heads
    self.headSize = headSize
    self.tokens = tokens
    self.shares = shares
    self.pool = pool
    measureKernel = .select(for: set)
    prepareKernel = .select(for: set)
    attendKernel = .select(for: set)
    format = HeadFormat(tokens: tokens, headSize: headSize, keyBits: 8, valueBits: 8)
    (preparedMemory, prepared) = AlignedStorage.parts(count: heads, byteCount: format.byteCount)
    (rangeMemory, ranges) = AlignedStorage.parts(
      count: shares, byteCount: heads * format.rangeCount * MemoryLayout<Float>.size)
    (scratchMemory, scratch) = AlignedStorage.parts(
      count: pool.threads, byteCount: format.scratchByteCount)
  }

  /// Finds the ranges of K and V of one head in a share of an image's rows.
  ///
  /// - Parameters:
  ///   - share: 0 ..< shares, in the order of their rows.
  ///   - k: The share's `rows` rows of `heads · headSize` floats, `stride` floats apart; `v` alike.
  package func measure(
    head: Int, share: Int, rows: Int, k: UnsafePointer<Float>, v: UnsafePointer<Float>, stride: Int
  ) {
    let offset = head * headSize
    measureKernel(
      format, KeyValueRows(keys: k + offset, values: v + offset, stride: stride), count: rows,
      into: ranges[share].assumingMemoryBound(to: Float.self) + head * format.rangeCount)
  }

  /// Quantizes K and V of one head of an image, for some of its tokens.
  ///
  /// - Parameters:
  ///   - range: Starts at a multiple of 16, and ends at one or with the last token.
  ///   - k: `[tokens]` rows of `heads · headSize` floats, `stride` floats apart; `v` alike.
  package func prepare(
    _ scheme: AttentionScheme, head: Int, tokens range: Range<Int>, k: UnsafePointer<Float>,
    v: UnsafePointer<Float>, stride: Int
  ) {
    precondition(
      range.lowerBound % 16 == 0 && (range.upperBound % 16 == 0 || range.upperBound == tokens),
      "BidirectionalAttention: tokens \(range) of \(tokens)")
    let offset = head * headSize
    let first = ranges[0].assumingMemoryBound(to: Float.self) + head * format.rangeCount
    prepareKernel(
      scheme.headFormat(headSize: headSize, tokens: tokens),
      KeyValueRows(keys: k + offset, values: v + offset, stride: stride), tokens: range,
      HeadRanges(base: first, shares: shares, stride: ranges.stride / MemoryLayout<Float>.size),
      head: prepared[head])
  }

  /// Lets `rows` rows attend to all tokens in one prepared head.
  ///
  /// - Parameters:
  ///   - scheme: The one that `head` was prepared with.
  ///   - rows: How many; which rows of the image they are makes no difference.
  ///   - q: `[rows]` rows of `heads · headSize` floats, `stride` floats apart.
  ///   - output: `[rows]` rows of `heads · headSize` floats, `outputStride` floats apart, of which this head's are
  ///     written; does not overlap `q`.
  ///   - worker: The number of the scratch memory to use, 0 ..< the pool's threads; no two callers at a time
  ///     use one.
  package func attend(
    _ scheme: AttentionScheme, head: Int, rows: Int, q: UnsafePointer<Float>, stride: Int,
    output: UnsafeMutablePointer<Float>, outputStride: Int, worker: Int
  ) {
    let offset = head * headSize
    attendKernel(
      scheme.numbers(headSize: headSize), scheme.headFormat(headSize: headSize, tokens: tokens),
      prepared[head],
      HeadRows(
        queries: q + offset, queryStride: stride, count: rows, output: output + offset,
        outputStride: outputStride), scratch: scratch[worker])
  }

  /// Attends within each of `images` images, on the pool's threads. The object must have been made for one
  /// share.
  ///
  /// - Parameters:
  ///   - q: `[images · tokens]` rows of `heads · headSize` floats, `stride` floats apart; `k` and `v` alike,
  ///     so that all three may lie in the output of one linear layer.
  ///   - output: `[images · tokens][heads · headSize]`, without gaps.
  /// - Complexity: O(`images` · `heads` · `tokens`² · `headSize`); allocates nothing.
  package func callAsFunction(
    _ scheme: AttentionScheme, images: Int, q: UnsafePointer<Float>, k: UnsafePointer<Float>,
    v: UnsafePointer<Float>, stride: Int, output: UnsafeMutablePointer<Float>
  ) {
    precondition(shares == 1, "BidirectionalAttention: \(shares) shares, but whole heads are measured")
    let width = heads * headSize
    for image in 0..<images {
      let first = image * tokens
      pool.forEachOnWorker(heads) { head, worker in
        let (k, v) = (k + first * stride, v + first * stride)
        measure(head: head, share: 0, rows: tokens, k: k, v: v, stride: stride)
        prepare(scheme, head: head, tokens: 0..<tokens, k: k, v: v, stride: stride)
        attend(
          scheme, head: head, rows: tokens, q: q + first * stride, stride: stride,
          output: output + first * width, outputStride: width, worker: worker)
      }
    }
  }
}
