import Architectures
import Kernels
import TensorCore

/// A quantized Vision Transformer: a batch of normalized images in, class logits out.
///
/// Each image's result is the same bits in every batch and for every thread count. Confined to one thread at a time.
///
/// A single image is computed by all threads together; of several, each thread takes whole images, so that nothing waits
/// at the end of each layer and one image's activations stay in the core's own cache.
package final class ViTModel: ImageModel {
  package let traits: ImageTraits
  private let configuration: VisionConfiguration
  /// Images of one call.
  package let maxBatch: Int
  private let joint: ViTPass
  /// One for each thread of the pool; empty where there is but one.
  private let lanes: HeldObjects<ViTPass>
  private let results: ViTResults
  /// Those of the present call.
  private let images: UnsafeMutableBufferPointer<ImagePixels>
  private let pool: WorkerPool

  /// - Parameter tensor: The pack's tensors by name; views keep the mapping alive.
  /// - Throws: ``ModelError`` where a tensor is missing or does not fit the configuration.
  package init(
    configuration: VisionConfiguration, scheme: ModelScheme, maxBatch: Int, pool: WorkerPool,
    tensor: @escaping (String) -> TensorView?
  ) throws(ModelError) {
    do throws(ArchitectureError) {
      try configuration.validate()
      try scheme.validate(for: .vision(configuration))
    } catch {
      throw .configuration(error)
    }
    self.configuration = configuration
    traits = configuration.traits
    self.maxBatch = maxBatch
    self.pool = pool
    let weights = try ViTWeights(
      layers: configuration.layers, epsilon: configuration.normEpsilon,
      TensorLoader(table: configuration.tensorTable, scheme: scheme, tensor: tensor))
    joint = ViTPass(configuration, scheme, weights, pool: pool)
    let lanes = pool.threads == 1 || maxBatch == 1 ? 0 : pool.threads
    self.lanes = HeldObjects(
      (0..<lanes).map { _ in ViTPass(configuration, scheme, weights, pool: WorkerPool(threads: 1)) })
    results = ViTResults(configuration, maxBatch: maxBatch)
    images = .allocate(capacity: maxBatch)
  }

  deinit { images.deallocate() }

  package func classify(count: Int, _ image: (_ index: Int) -> ImagePixels) -> UnsafeBufferPointer<Float> {
    precondition(count <= maxBatch, "ViTModel: \(count) images, at most \(maxBatch)")
    for index in 0..<count { images.initializeElement(at: index, to: image(index)) }
    if count == 1 || lanes.count == 0 {
      for index in 0..<count { joint.run(images[index], into: results, at: index) }
    } else {
      pool.forEach(
        count,
        WholeImages(
          images: UnsafeBufferPointer(images), lanes: lanes.references, results: Unretained(results)))
    }
    return UnsafeBufferPointer(start: results.logits, count: count * configuration.classes)
  }

  /// The normalized class token.
  package func embedding(_ index: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: results.embeddings + index * configuration.width, count: configuration.width)
  }
}

/// Classifies whole images, each on one thread.
private struct WholeImages: LoopBody {
  let images: UnsafeBufferPointer<ImagePixels>
  let lanes: UnsafeBufferPointer<Unretained<ViTPass>>
  let results: Unretained<ViTResults>

  func run(_ image: Int, worker: Int) {
    lanes[worker].use { lane in results.use { lane.run(images[image], into: $0, at: image) } }
  }
}

/// What a call answers, image by image.
final class ViTResults {
  /// `[images, classes]`.
  let logits: UnsafeMutablePointer<Float>
  /// `[images, width]`.
  let embeddings: UnsafeMutablePointer<Float>
  private let storage: [AlignedStorage]

  init(_ c: VisionConfiguration, maxBatch: Int) {
    storage = [c.classes, c.width].map { AlignedStorage(byteCount: maxBatch * $0 * MemoryLayout<Float>.size) }
    logits = storage[0].pointer(to: Float.self)
    embeddings = storage[1].pointer(to: Float.self)
  }
}
