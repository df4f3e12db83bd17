import ScalarKernels
import TensorCore

/// Attention of every token to every token, as in a Vision Transformer, over quantized K and V.
///
/// Two steps, which any threads may share: ``prepare(_:head:k:v:stride:)`` for each head of an image, then, when
/// all are done, ``attend(_:head:rows:q:stride:output:outputStride:worker:)`` for each head and any rows. Results
/// do not depend on how the work is cut. One image at a time.
public final class BidirectionalAttention {
  public let heads: Int
  public let headSize: Int
  public let tokens: Int
  /// Codes of each head, of any scheme.
  private let prepared: AlignedParts
  /// Scratch memory of each worker.
  private let scratch: AlignedParts
  private let preparedMemory, scratchMemory: AlignedStorage
  private let pool: WorkerPool
  private let prepareKernel: PrepareHeadKernel
  private let attendKernel: AttendHeadKernel

  /// - Parameters:
  ///   - tokens: Tokens of one image, class token included.
  ///   - pool: Its threads may attend side by side.
  ///   - set: The instruction set to use; tests compare them.
  public init(heads: Int, headSize: Int, tokens: Int, pool: WorkerPool, set: InstructionSet = .current) {
    self.heads = heads
    self.headSize = headSize
    self.tokens = tokens
    self.pool = pool
    prepareKernel = .select(for: set)
    attendKernel = .select(for: set)
    let format = HeadFormat(tokens: tokens, headSize: headSize, keyBits: 8, valueBits: 8)
    (preparedMemory, prepared) = AlignedStorage.parts(count: heads, byteCount: format.byteCount)
    (scratchMemory, scratch) = AlignedStorage.parts(
      count: pool.threads, byteCount: format.scratchByteCount)
  }

  /// Quantizes K and V of one head of an image.
  ///
  /// - Parameters:
  ///   - k: `[tokens]` rows of `heads · headSize` floats, `stride` floats apart; `v` alike.
  public func prepare(
    _ scheme: AttentionScheme, head: Int, k: UnsafePointer<Float>, v: UnsafePointer<Float>, stride: Int
  ) {
    let offset = head * headSize
    prepareKernel(
      scheme.headFormat(headSize: headSize, tokens: tokens), keys: k + offset, values: v + offset,
      stride: stride, head: prepared[head])
  }

  /// Lets `rows` rows attend to all tokens in one prepared head.
  ///
  /// - Parameters:
  ///   - scheme: The one that `head` was prepared with.
  ///   - rows: How many; which rows of the image they are makes no difference.
  ///   - q: `[rows]` rows of `heads · headSize` floats, `stride` floats apart.
  ///   - output: `[rows]` rows of `heads · headSize` floats, `outputStride` floats apart, of which this head's are
  ///     written; does not overlap `q`.
  ///   - worker: Whose scratch memory to use, 0 ..< the pool's threads; one caller at a time each.
  public func attend(
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

  /// Attends within each of `images` images, on the pool's threads.
  ///
  /// - Parameters:
  ///   - q: `[images · tokens]` rows of `heads · headSize` floats, `stride` floats apart; `k` and `v` alike,
  ///     so that all three may lie in the output of one linear layer.
  ///   - output: `[images · tokens][heads · headSize]`, without gaps.
  /// - Complexity: O(`images` · `heads` · `tokens`² · `headSize`); allocates nothing.
  public func callAsFunction(
    _ scheme: AttentionScheme, images: Int, q: UnsafePointer<Float>, k: UnsafePointer<Float>,
    v: UnsafePointer<Float>, stride: Int, output: UnsafeMutablePointer<Float>
  ) {
    let width = heads * headSize
    for image in 0..<images {
      let first = image * tokens
      pool.forEachOnWorker(heads) { head, worker in
        prepare(scheme, head: head, k: k + first * stride, v: v + first * stride, stride: stride)
        attend(
          scheme, head: head, rows: tokens, q: q + first * stride, stride: stride,
          output: output + first * width, outputStride: width, worker: worker)
      }
    }
  }
}
