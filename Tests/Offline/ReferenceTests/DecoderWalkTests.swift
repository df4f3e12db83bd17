import Kernels
import ModelFixtures
import TensorCore
import Testing

@testable import Reference

@Suite("Walks through a decoder")
struct DecoderWalkTests {
  private let pool = WorkerPool(threads: 2)

  @Test("layers read what they read in a forward pass, while none is replaced", arguments: FamilyFixture.all)
  func inputs(fixture: FamilyFixture) throws {
    let (imported, tokens) = (try fixture.open(), try fixture.expected().ids)
    guard case .decoder(let configuration) = imported.configuration else { return }
    var expected: [String: FloatTensor] = [:]
    let model = try FloatDecoder(configuration, pool: pool, tensor: imported.tensor)
    _ = model.logits(tokens, hooks: ReferenceHooks(input: { expected[$0] = $1 }))
    let walk = try DecoderWalk(
      configuration, sequences: [tokens, Array(tokens.prefix(3))], pool: pool, tensor: imported.tensor)
    var visited: [String] = []
    try walk.run { row, inputs in
      visited.append(row.name)
      #expect(inputs.map { $0.shape[0] } == [tokens.count, 3])
      #expect(inputs[0] == expected[row.name], "\(row.name)")
      return nil
    }
    #expect(visited.count >= 4 * configuration.layers)
  }

  @Test("what replaces a layer is what those behind it are computed with")
  func replaced() throws {
    let imported = try #require(FamilyFixture.all.first).open()
    guard case .decoder(let configuration) = imported.configuration else { return }
    let walk = try DecoderWalk(
      configuration, sequences: [[1, 2, 3]], pool: pool, tensor: imported.tensor)
    try walk.run { row, inputs in
      if row.role == .attentionOutput, row.layer == 0 {
        #expect(inputs[0].values.allSatisfy { $0 == 0 })
      }
      guard row.role == .queryKeyValue, row.layer == 0 else { return nil }
      return FloatTensor(
        shape: [row.outputs, row.inputs], values: [Float](repeating: 0, count: row.outputs * row.inputs))
    }
  }
}
