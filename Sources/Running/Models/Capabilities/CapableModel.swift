import KVBlocks
import KVCache
import Vocabulary

/// A model that is ready to compute, by what it can do.
package enum CapableModel {
  case sequences(any SequenceModel)
  case images(any ImageModel)

  /// Computes a black image or one token, so that the first request finds memory touched and tables built.
  ///
  /// - Returns: The logits.
  @discardableResult
  package func warmUp() -> [Float] {
    switch self {
    case .images(let model):
      let image = [Float](repeating: 0, count: model.traits.pixelValues)
      return image.withUnsafeBufferPointer { Array(model.classify($0.baseAddress!, count: 1)) }
    case .sequences(let model):
      var batch = SequenceBatch()
      batch.tokens = [TokenID(Int32(model.traits.beginToken ?? 0))]
      batch.logitRows = [0]
      return withUnsafePointer(to: BlockID(rawValue: 0)) { table in
        batch.segments = [PagedKVCache.Segment(slot: 0, blockTable: table, position: 0, count: 1, row: 0)]
        return Array(model.forward(batch))
      }
    }
  }
}
