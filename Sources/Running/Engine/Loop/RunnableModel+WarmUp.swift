import KVBlocks
import KVCache
import Models

extension RunnableModel {
  /// Computes one image or one token, so that the first request finds memory touched and tables built.
  func warmUp() {
    switch kind {
    case .vit(let model):
      let c = model.configuration
      let image = [Float](repeating: 0, count: c.channels * c.imageSize * c.imageSize)
      image.withUnsafeBufferPointer { _ = model.classify($0.baseAddress!, count: 1) }
    case .llama(let model):
      var batch = LlamaBatch()
      batch.tokens = [Int32(model.configuration.beginToken ?? 0)]
      batch.logitRows = [0]
      withUnsafePointer(to: BlockID(rawValue: 0)) { table in
        batch.segments = [PagedKVCache.Segment(slot: 0, blockTable: table, position: 0, count: 1, row: 0)]
        _ = model.forward(batch)
      }
    }
  }
}
