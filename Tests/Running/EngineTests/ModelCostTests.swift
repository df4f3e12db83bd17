import Kernels
import ModelFixtures
import Models
import Testing

@testable import Engine

@Suite("A model's cost")
struct ModelCostTests {
  @Test("is the millions of its multiplications a token, for weights of 8 bits and of 4")
  func multiplications() throws {
    // 2 layers of 3 · 32 · 16,384 gated weights, and little else.
    for bits in [8, 4] {
      let pack = try TinyPack.llama(bits: bits, hidden: 16_384).open()
      let model = try RunnableModel(
        pack, limits: ModelLimits(imageBatch: 1, sequences: 1, cacheBytes: 1 << 20), stepTokens: 1,
        pool: WorkerPool(threads: 1))
      #expect(model.resources.cost == 3, "\(bits) bits")
    }
  }
}
