import Kernels
import ModelFixtures
import Packs
import TestSupport
import Testing

/// With random weights, so that it runs without public checkpoints.
@Suite("An image's rows on several threads")
struct ViTThreadsTests {
  /// 101 tokens: blocks of 101 rows down to 25.
  private static let imageSize = 40

  @Test("give the logits that one thread gives, alone and among others", arguments: [8, 4])
  func threads(bits: Int) throws {
    let pack = try TinyPack.vit(bits: bits, imageSize: Self.imageSize).open()
    let pixels = 3 * Self.imageSize * Self.imageSize
    var random = SeededGenerator()
    let images = random.floats(3 * pixels, in: -2...2)
    let expected = try classify(pack, images, threads: 1)
    #expect(Set(expected.together).count > 5, "\(random)")
    for threads in 2...5 {
      let actual = try classify(pack, images, threads: threads)
      #expect(actual.together == expected.together, "\(threads) threads, \(random)")
      #expect(actual.alone == expected.together, "\(threads) threads, one image at a time, \(random)")
    }
  }

  private func classify(
    _ pack: ModelPack, _ images: [Float], threads: Int
  ) throws -> (together: [Float], alone: [Float]) {
    let model = try pack.makeImageModel(maxBatch: 3, pool: WorkerPool(threads: threads))
    let pixels = images.count / 3
    let alone = (0..<3).flatMap {
      Array(model.classify(Array(images[$0 * pixels..<($0 + 1) * pixels]), count: 1))
    }
    return (Array(model.classify(images, count: 3)), alone)
  }
}
