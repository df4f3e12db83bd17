import Architectures
import Glibc
import Kernels
import ModelFixtures
import Models
import Packs
import Quantization
import Testing
import Vocabulary

/// Each family's integer model against float64, and against itself in other batches.
@Suite("Families of decoders in 8 bits")
struct FamilyTests {
  private let pool = WorkerPool(threads: 2)

  @Test("the packed model stays near the float64 logits", arguments: FamilyFixture.all)
  func packed(fixture: FamilyFixture) throws {
    let pack = try fixture.pack(pool: pool)
    let (expected, exact) = (try fixture.expected(), try fixture.expectedLogits())
    let all = try SequenceFeeder(pack, sequences: 1, longest: expected.ids.count).logits([
      expected.ids.map { TokenID(Int32($0)) }
    ])[0]
    let vocabulary = exact.count / expected.rows.count
    let actual = expected.rows.flatMap { Array(all[$0 * vocabulary..<($0 + 1) * vocabulary]) }
    let error = relativeError(actual, exact)
    let pairs = expected.rows.indices.map { row in
      let range = row * vocabulary..<(row + 1) * vocabulary
      return Divergence(exact: Array(exact[range]), other: actual[range].map(Double.init))
    }
    let (kl, agreed) = (pairs.map(\.kl).reduce(0, +) / Double(pairs.count), pairs.count { $0.agrees })
    print(
      "\(fixture) w8a8: relative error \(error), KL \(kl), best token of \(agreed) of \(pairs.count) rows")
    #expect(error <= 0.1 && kl <= 0.02)
  }

  @Test("a row's bits are the same in every batch, chunk and number of threads", arguments: FamilyFixture.all)
  func batches(fixture: FamilyFixture) throws {
    let pack = try fixture.pack(pool: pool)
    let tokens = try fixture.expected().ids.map { TokenID(Int32($0)) }
    let feedings = try SequenceFeeder.feedings(of: tokens, to: pack)
    for feeding in feedings.dropFirst() { #expect(feeding == feedings[0]) }
  }
}

/// How far one row of logits is from another.
private struct Divergence {
  let kl: Double
  let agrees: Bool

  init(exact: [Double], other: [Double]) {
    let (p, q) = (Self.logProbabilities(exact), Self.logProbabilities(other))
    kl = zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    agrees = exact.indices.max { exact[$0] < exact[$1] } == other.indices.max { other[$0] < other[$1] }
  }

  private static func logProbabilities(_ logits: [Double]) -> [Double] {
    let largest = logits.max() ?? 0
    let sum = log(logits.reduce(0) { $0 + exp($1 - largest) }) + largest
    return logits.map { $0 - sum }
  }
}
