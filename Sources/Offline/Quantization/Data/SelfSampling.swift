import Architectures
import KVBlocks
import KVCache
import Kernels
import Models
import TensorCore
import Vocabulary

/// Texts that a language model writes itself: what rounding is solved on where nobody gave a text.
///
/// The model in 8 bits, rounded to nearest, continues from its begin token, or from a random one where it has none, at a
/// temperature of 0.9. What a model writes is what it will read, and needs no data (LLM-QAT, arXiv 2305.17888).
struct SelfSampling {
  let model: FloatModel
  let begin: TokenID?
  /// Told how much of the text is written.
  let report: ImportProgress.Handler

  private static let temperature: Float = 0.9
  /// Sequences that are written side by side.
  private static let batch = 32

  /// About `tokens` tokens in sequences of `length`; the same for any number of threads.
  func sequences(tokens: Int, length: Int) throws -> [[Int]] {
    let count = min(Self.batch, max(1, tokens / length))
    let pages = (length + PageFormat.tokens - 1) / PageFormat.tokens
    var writer = SequenceWriter(
      decoder: try makeDecoder(sequences: count, pages: pages), pages: pages,
      starts: starts(count), begin: begin?.index, ends: Set(model.configuration.endTokens),
      temperature: Self.temperature)
    for position in 1..<max(2, length) {
      report(ImportProgress(.sampling, position, of: length))
      try writer.step()
    }
    return writer.sequences
  }

  private func starts(_ count: Int) -> [Int] {
    var random = SplitMix64(seed: 1)
    return (0..<count).map { _ in
      begin?.index ?? Int.random(in: 0..<model.configuration.vocabulary, using: &random)
    }
  }

  private func makeDecoder(sequences: Int, pages: Int) throws -> DecoderModel {
    let quantized = try DynamicInputQuantizer(
      table: model.table, options: QuantizationOptions(recipe: .w8a8), statistics: [:], pool: model.pool,
      report: { _ in }, tensor: model.tensor
    ).run()
    let scheme = AttentionScheme(queryBits: 8, keyBits: 8, valueBits: 8, probabilities: .log64)
    let views = Dictionary(uniqueKeysWithValues: quantized.tensors.map { ($0.name, $0.view) })
    return try DecoderModel(
      configuration: model.configuration,
      scheme: ModelScheme(
        attention: Array(repeating: scheme, count: model.configuration.layers), weights: quantized.formats),
      limits: SequenceLimits(
        stepTokens: sequences, sequences: sequences, logitRows: sequences, blocks: sequences * pages),
      pool: model.pool
    ) { views[$0] }
  }
}

/// Sequences under way, each one token longer after a step.
private struct SequenceWriter {
  private let decoder: DecoderModel
  private let begin: Int?
  private let ends: Set<Int>
  private let temperature: Float
  private let blocks: [BlockID]
  private let pages: Int
  private(set) var sequences: [[Int]]
  private var randoms: [SplitMix64]
  private var weights: [Float]

  init(
    decoder: DecoderModel, pages: Int, starts: [Int], begin: Int?, ends: Set<Int>, temperature: Float
  ) {
    (self.decoder, self.pages, self.begin, self.ends) = (decoder, pages, begin, ends)
    self.temperature = temperature
    blocks = (0..<starts.count * pages).map { BlockID(rawValue: Int32($0)) }
    sequences = starts.map { [$0] }
    randoms = starts.indices.map { SplitMix64(seed: 100 + UInt64($0)) }
    weights = [Float](repeating: 0, count: decoder.traits.vocabulary)
  }

  mutating func step() throws {
    let logits = blocks.withUnsafeBufferPointer { blocks in
      var batch = SequenceBatch()
      batch.tokens = sequences.map { TokenID(Int32($0[$0.count - 1])) }
      batch.logitRows = Array(sequences.indices)
      batch.segments = sequences.indices.map { index in
        PagedKVCache.Segment(
          slot: index, blockTable: blocks.baseAddress! + index * pages,
          position: sequences[index].count - 1, count: 1, row: index)
      }
      return Array(decoder.forward(batch))
    }
    guard logits.allSatisfy(\.isFinite) else { throw QuantizationError.activationsOverflow(layer: "logits") }
    for index in sequences.indices {
      let (row, share) = (index * weights.count, randoms[index].nextUnit())
      let chosen = choose(logits[row..<row + weights.count], share)
      // What ends a text is followed by what begins one.
      sequences[index].append(ends.contains(sequences[index].last ?? -1) ? begin ?? chosen : chosen)
    }
  }

  /// The token at `share`, in [0, 1), of all probabilities.
  private mutating func choose(_ logits: ArraySlice<Float>, _ share: Double) -> Int {
    let (count, inverse) = (weights.count, 1 / temperature)
    logits.withUnsafeBufferPointer {
      SoftmaxKernel.best($0.baseAddress!, &weights, count: count, inverseTemperature: inverse)
    }
    var rest = share * weights.reduce(0.0) { $0 + Double($1) }
    for (token, weight) in weights.enumerated() {
      rest -= Double(weight)
      if rest < 0 { return token }
    }
    return weights.count - 1
  }
}

extension PackTensor {
  /// The tensor in memory of its own, as a model reads it from a mapped pack.
  fileprivate var view: TensorView {
    let storage = AlignedStorage(byteCount: bytes.count)
    storage.pointer(to: UInt8.self).update(from: bytes, count: bytes.count)
    return TensorView(
      bytes: UnsafeRawBufferPointer(start: storage.pointer(to: UInt8.self), count: bytes.count), type: type,
      shape: shape, owner: storage)
  }
}
