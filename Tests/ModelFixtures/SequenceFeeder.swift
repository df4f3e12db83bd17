import KVBlocks
import KVCache
import Kernels
import Models
import Packs
import Vocabulary

/// Feeds token sequences to a quantized Llama in any chunking and order, and keeps the logits of every position.
package final class SequenceFeeder {
  package let model: any SequenceModel
  private let tables: [UnsafeMutablePointer<BlockID>]
  private let longest: Int

  package init(_ pack: ModelPack, sequences: Int, longest: Int, threads: Int = 1) throws {
    let perSequence = (longest + 63) / 64
    self.longest = longest
    let limits = SequenceLimits(
      stepTokens: sequences * longest, sequences: sequences, logitRows: sequences * longest,
      blocks: sequences * perSequence)
    model = try pack.makeSequenceModel(limits: limits, pool: WorkerPool(threads: threads))
    // Blocks run downwards and alternate between sequences, so that nothing works by being contiguous.
    tables = (0..<sequences).map { sequence in
      let table = UnsafeMutablePointer<BlockID>.allocate(capacity: perSequence)
      for page in 0..<perSequence {
        table[page] = BlockID(rawValue: Int32(sequences * perSequence - 1 - page * sequences - sequence))
      }
      return table
    }
  }

  deinit { for table in tables { table.deallocate() } }

  /// Logits `[tokens, vocabulary]` of each sequence.
  ///
  /// - Parameter chunk: How many tokens a sequence gets in a step; it waits where that is 0.
  package func logits(
    _ sequences: [[TokenID]], chunk: (_ sequence: Int, _ step: Int) -> Int = { _, _ in .max }
  ) -> [[Float]] {
    var positions = [Int](repeating: 0, count: sequences.count)
    var results = [[Float]](repeating: [], count: sequences.count)
    var step = 0
    while let work = nextBatch(sequences, positions, step: step, chunk) {
      let logits = model.forward(work.batch)
      var row = 0
      for (sequence, count) in work.counts {
        let width = model.traits.vocabulary
        results[sequence] += logits[row * width..<(row + count) * width]
        positions[sequence] += count
        row += count
      }
      step += 1
    }
    return results
  }

  /// The logits of `tokens`, fed in ways that must not matter: at once, token by token, in chunks with three threads,
  /// and in chunks of all sizes beside another sequence with two.
  package static func feedings(of tokens: [TokenID], to pack: ModelPack) throws -> [[Float]] {
    func feed(_ sequences: [[TokenID]], threads: Int, _ chunk: (Int, Int) -> Int) throws -> [Float] {
      try SequenceFeeder(pack, sequences: sequences.count, longest: tokens.count, threads: threads)
        .logits(sequences, chunk: chunk)[0]
    }
    return [
      try feed([tokens], threads: 1) { _, _ in .max },
      try feed([tokens], threads: 1) { _, _ in 1 },
      try feed([tokens], threads: 3) { _, _ in 17 },
      try feed([tokens, tokens.reversed()], threads: 2) { $1 % 3 + 5 * $0 + 1 },
    ]
  }

  private func nextBatch(
    _ sequences: [[TokenID]], _ positions: [Int], step: Int, _ chunk: (Int, Int) -> Int
  ) -> (batch: SequenceBatch, counts: [(Int, Int)])? {
    guard zip(sequences, positions).contains(where: { $0.count > $1 }) else { return nil }
    var batch = SequenceBatch()
    var counts: [(Int, Int)] = []
    for (index, tokens) in sequences.enumerated() {
      let count = min(chunk(index, step), tokens.count - positions[index])
      guard count > 0 else { continue }
      batch.segments.append(
        PagedKVCache.Segment(
          slot: index, blockTable: tables[index], position: positions[index], count: count,
          row: batch.tokens.count))
      batch.tokens += tokens[positions[index]..<positions[index] + count]
      counts.append((index, count))
    }
    batch.logitRows = Array(0..<batch.tokens.count)
    return (batch, counts)
  }
}
