import Glibc
import KVBlocks
import KVCache
import Kernels
import Models
import Packs
import TensorCore
import Vocabulary

/// Runs whole sequences through a quantized language model and returns the logits at every position.
package final class SequenceScorer {
  private let model: any SequenceModel
  private let table: [BlockID]

  /// - Parameter longest: The most tokens that one sequence will have.
  package init(pack: ModelPack, longest: Int, pool: WorkerPool) throws {
    let blocks = (longest + 63) / 64
    model = try pack.makeSequenceModel(
      limits: SequenceLimits(stepTokens: longest, sequences: 1, logitRows: longest, blocks: blocks),
      pool: pool)
    table = (0..<blocks).map { BlockID(rawValue: Int32($0)) }
  }

  /// Logits `[tokens, vocabulary]`, computed in steps of at most `chunk` tokens: the result does not depend on it.
  package func logits(_ tokens: [Int], chunk: Int = .max) -> FloatTensor {
    var values: [Float] = []
    for start in stride(from: 0, to: tokens.count, by: min(chunk, tokens.count)) {
      let part = tokens[start..<min(start + min(chunk, tokens.count), tokens.count)]
      values += step(Array(part), position: start)
    }
    return FloatTensor(shape: [tokens.count, model.traits.vocabulary], values: values)
  }

  private func step(_ tokens: [Int], position: Int) -> [Float] {
    table.withUnsafeBufferPointer { table in
      var batch = SequenceBatch()
      batch.tokens = tokens.map { TokenID(Int32($0)) }
      batch.segments = [
        PagedKVCache.Segment(
          slot: 0, blockTable: table.baseAddress!, position: position, count: tokens.count, row: 0)
      ]
      batch.logitRows = Array(0..<tokens.count)
      return Array(model.forward(batch))
    }
  }
}

/// eˣ in double.
func exponential(_ x: Double) -> Double { exp(x) }
