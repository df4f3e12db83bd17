import Kernels
import ModelFixtures
import Reference
import Testing

/// Each family's float32 model against float64; everything lies in the repository.
@Suite("Families of decoders in float32")
struct FamilyReferenceTests {
  private let pool = WorkerPool(threads: 2)

  @Test("there are folders to compare")
  func folders() { #expect(FamilyFixture.all.count >= 10) }

  /// Rounding errors of float32 are below 1e-5 of the greatest logit; kernels' exponentials and tanh forms add as much.
  @Test("the float32 model gives the float64 logits", arguments: FamilyFixture.all)
  func logits(fixture: FamilyFixture) throws {
    let (model, expected) = (try open(fixture), try fixture.expected())
    let all = model.logits(expected.ids)
    let actual = expected.rows.flatMap { Array(all.row($0)) }
    let exact = try fixture.expectedLogits()
    let largest = exact.reduce(0) { max($0, abs($1)) }
    let worst = zip(actual, exact).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
    print("\(fixture): largest relative difference of logits \(worst)")
    #expect(actual.count == exact.count && worst <= 1e-4)
  }

  @Test("the float32 model continues with the float64 model's tokens", arguments: FamilyFixture.all)
  func greedy(fixture: FamilyFixture) throws {
    let (model, expected) = (try open(fixture), try fixture.expected())
    try #require(expected.greedy.count == 64)
    var tokens = expected.ids
    for _ in expected.greedy {
      let last = Array(model.logits(tokens).row(tokens.count - 1))
      tokens.append(MaxIndexKernel.best(last, count: last.count))
    }
    #expect(Array(tokens[expected.ids.count...]) == expected.greedy)
  }

  private func open(_ fixture: FamilyFixture) throws -> FloatDecoder {
    let imported = try fixture.open()
    let reference = try ReferenceModel(imported.configuration, pool: pool, tensor: imported.tensor)
    let model: FloatDecoder? = if case .sequences(let model) = reference { model } else { nil }
    return try #require(model)
  }
}
