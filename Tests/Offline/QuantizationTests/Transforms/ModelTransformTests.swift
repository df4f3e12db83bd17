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

  @Test(
    "every family takes every transform, but those that norm their branches' outputs",
    arguments: FamilyFixture.all)
  func obstacles(fixture: FamilyFixture) throws {
    let decoder = try widened(fixture.open()).configuration
    let left = ModelTransform.all.filter { $0.obstacle(decoder) != nil }.map(\.name)
    #expect(left == (decoder.branchNorms == .input ? [] : ["fold-norms", "rotate-stream"]))
  }

  @Test("feed-forward layers of no multiple of 32 channels are not mixed")
  func unmixed() throws {
    let imported = try #require(FamilyFixture.all.first).open()
    #expect(try ModelTransform.mixDown.obstacle(decoder(imported))?.contains("48 channels") == true)
  }

  private func check(_ fixture: FamilyFixture, _ transforms: [ModelTransform]) throws {
    let (imported, tokens) = (try fixture.open(), try fixture.expected().ids)
    let before = try widened(imported)
    let after = try before.applying(transforms, inputs(before, tokens))
    let (exact, other) = (try logits(before, tokens), try logits(after, tokens))
    let largest = exact.reduce(0) { max($0, abs($1)) }
    let worst = zip(exact, other).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
    #expect(worst <= 2e-5, "\(fixture), \(transforms.map(\.name)): \(worst)")
  }

  /// The model with 64 channels in its feed-forward layers, which is enough to mix: the fixtures have 48.
  private func widened(_ imported: ImportedModel) throws -> FloatModel {
    let before = try FloatModel(decoder(imported), pool: pool, tensor: imported.tensor)
    let wide = before.configured { $0.hidden = 64 }
    var edits: [String: (FloatTensor) throws -> FloatTensor] = [:]
    for row in wide.rows(.gateUp) + wide.rows(.down) {
      for source in row.sources + row.biases { edits[source.name] = { Self.repeating($0, to: source.shape) } }
    }
    return wide.editing(edits)
  }

  /// The tensor with its first rows or columns once more behind it.
  private static func repeating(_ tensor: FloatTensor, to shape: Shape) -> FloatTensor {
    let (columns, before) = (shape.rank == 2 ? shape[1] : 1, tensor.shape)
    let width = before.rank == 2 ? before[1] : 1
    let values = (0..<shape[0] * columns).map {
      tensor.values[($0 / columns) % before[0] * width + ($0 % columns) % width]
    }
    return FloatTensor(shape: shape, values: values)
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
