import Architectures
import Importers
import Kernels
import ModelFixtures
import Reference
import TensorCore
import Testing

@testable import Quantization

/// Transforms leave what a model computes as it is; every family is asked.
@Suite("Transforms of decoders")
struct ModelTransformTests {
  private let pool = WorkerPool(threads: 2)

  @Test("each transform leaves the logits of every family as they are", arguments: FamilyFixture.all)
  func alone(fixture: FamilyFixture) throws {
    for transform in ModelTransform.all {
      let needed = ModelTransform.all.filter { $0.name == transform.needs }
      try check(fixture, needed + [transform])
    }
  }

  @Test("all together leave them as they are", arguments: FamilyFixture.all)
  func together(fixture: FamilyFixture) throws { try check(fixture, ModelTransform.all) }

  @Test("most families take every transform; the others say why not")
  func obstacles() throws {
    let untouched = try FamilyFixture.all.filter { fixture in
      let decoder = try decoder(fixture.open())
      return ModelTransform.all.contains { $0.obstacle(decoder) != nil }
    }
    print("families that leave a transform out: \(untouched)")
    #expect(untouched.count < FamilyFixture.all.count)
  }

  private func check(_ fixture: FamilyFixture, _ transforms: [ModelTransform]) throws {
    let (imported, tokens) = (try fixture.open(), try fixture.expected().ids)
    let before = try FloatModel(decoder(imported), pool: pool, tensor: imported.tensor)
    let after = try before.applying(transforms, inputs(before, tokens))
    let (exact, other) = (try logits(before, tokens), try logits(after, tokens))
    let largest = exact.reduce(0) { max($0, abs($1)) }
    let worst = zip(exact, other).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
    #expect(worst <= 2e-5, "\(fixture), \(transforms.map(\.name)): \(worst)")
  }

  private func logits(_ model: FloatModel, _ tokens: [Int]) throws -> [Float] {
    try FloatDecoder(model.configuration, pool: pool, tensor: model.tensor).logits(tokens).values
  }

  private func inputs(_ model: FloatModel, _ tokens: [Int]) throws -> TransformInputs {
    let recorder = CalibrationRecorder()
    let reference = try FloatDecoder(model.configuration, pool: pool, tensor: model.tensor)
    _ = reference.logits(tokens, hooks: ReferenceHooks(input: recorder.record))
    return TransformInputs(statistics: recorder.layers, mixesDown: true)
  }

  private func decoder(_ model: ImportedModel) throws -> DecoderConfiguration {
    guard case .decoder(let decoder) = model.configuration else { throw NoDecoder() }
    return decoder
  }
}

private struct NoDecoder: Error {}
