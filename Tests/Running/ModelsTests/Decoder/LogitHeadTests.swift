import Architectures
import Kernels
import ModelFixtures
import TensorCore
import TestSupport
import Testing

@testable import Models

@Suite("Logit head")
struct LogitHeadTests {
  private static let (rows, width, vocabulary) = (5, 32, 259)
  private let pack: TinyPack
  private let (full, draft): (LinearLayer, LinearLayer)
  private var random = SeededGenerator(seed: 3)

  init() throws {
    pack = try TinyPack.llama(draftHead: true)
    let opened = try pack.open()
    let loader = TensorLoader(table: TinyPack.llamaConfiguration.tensorTable, scheme: opened.scheme) {
      opened.file[$0]
    }
    (full, draft) = (try loader.linear(.embedding), try loader.linear(.draftHead))
  }

  @Test("gives the greatest of a row's draft logits in full, and the others as drafted", arguments: [1, 3])
  mutating func shortlist(threads: Int) {
    let pool = WorkerPool(threads: threads)
    let x = random.floats(Self.rows * Self.width)
    let found = logits(x, rows: Self.rows, draft: draft, pool: pool)
    let drafted = Self.apply(draft, x, pool)
    let exact = Self.apply(full, x, pool)
    for row in 0..<Self.rows {
      let range = row * Self.vocabulary..<(row + 1) * Self.vocabulary
      let order = range.sorted { (drafted[$0], $1) > (drafted[$1], $0) }
      let (short, rest) = (order.prefix(LogitHead.shortlist), order.dropFirst(LogitHead.shortlist))
      #expect(short.allSatisfy { found[$0] == exact[$0] && found[$0] != drafted[$0] }, "row \(row)")
      #expect(rest.allSatisfy { found[$0] == drafted[$0] }, "row \(row)")
    }
  }

  @Test("gives a row the same bits alone")
  mutating func batches() {
    let pool = WorkerPool(threads: 2)
    let x = random.floats(Self.rows * Self.width)
    let together = logits(x, rows: Self.rows, draft: draft, pool: pool)
    let alone = (0..<Self.rows).flatMap {
      logits(Array(x[$0 * Self.width..<($0 + 1) * Self.width]), rows: 1, draft: draft, pool: pool)
    }
    #expect(together == alone)
  }

  @Test("without a draft is the full head")
  mutating func noDraft() {
    let pool = WorkerPool(threads: 1)
    let x = random.floats(Self.rows * Self.width)
    #expect(logits(x, rows: Self.rows, draft: nil, pool: pool) == Self.apply(full, x, pool))
  }

  @Test("survives rows that are not numbers")
  func notNumbers() {
    let x = [Float](repeating: .nan, count: Self.width)
    #expect(logits(x, rows: 1, draft: draft, pool: WorkerPool(threads: 1)).count == Self.vocabulary)
  }

  @Test("of a pack with a damaged draft is refused")
  func damaged() throws {
    var damaged = pack
    damaged[TensorRow.name(.draftHead) + ".codes"].bytes.removeLast(256)
    damaged[TensorRow.name(.draftHead) + ".codes"].shape = [
      damaged[TensorRow.name(.draftHead) + ".codes"].bytes.count
    ]
    let limits = SequenceLimits(stepTokens: 1, sequences: 1, logitRows: 1, blocks: 1)
    #expect(throws: ModelError.self) {
      try damaged.open().makeSequenceModel(limits: limits, pool: WorkerPool(threads: 1))
    }
  }

  private func logits(_ x: [Float], rows: Int, draft: LinearLayer?, pool: WorkerPool) -> [Float] {
    let head = LogitHead(full: full, draft: draft, rows: rows)
    let activations = ActivationRows(maxRows: rows, maxColumns: Self.width)
    activations.quantizeDynamic(x, rows: rows, columns: Self.width, form: head.form, pool: pool)
    var logits = [Float](repeating: 0, count: rows * Self.vocabulary)
    head.apply(activations, to: &logits, pool: pool)
    return logits
  }

  private static func apply(_ layer: LinearLayer, _ x: [Float], _ pool: WorkerPool) -> [Float] {
    let activations = ActivationRows(maxRows: rows, maxColumns: width)
    activations.quantizeDynamic(x, rows: rows, columns: width, form: layer.form, pool: pool)
    var output = [Float](repeating: 0, count: rows * vocabulary)
    layer.apply(activations, to: &output, stride: vocabulary, pool: pool)
    return output
  }
}
