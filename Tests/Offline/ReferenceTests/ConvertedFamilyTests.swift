import Architectures
import Importers
import Kernels
import ModelFixtures
import Reference
import Testing

/// Each family as GGUF against the same weights in their Hugging Face folder.
@Suite("Families of decoders as GGUF")
struct ConvertedFamilyTests {
  private let pool = WorkerPool(threads: 2)

  @Test(
    "a folder and its GGUF are the same model: configuration, weights, logits", arguments: FamilyFixture.all)
  func equal(fixture: FamilyFixture) throws {
    let family = try ConvertedFamily(fixture)
    let (file, folder) = (try family.openGGUF(), try family.openFolder())
    #expect(try comparable(file) == comparable(folder))
    #expect(file.tensors.map(\.name) == folder.tensors.map(\.name))
    for (name, _) in folder.tensors { #expect(try file.tensor(name) == folder.tensor(name), "\(name)") }
    let ids = Array(try fixture.expected().ids.prefix(24))
    #expect(try logits(file, ids) == logits(folder, ids))
  }

  /// Files of Mistral are Llama's, and the tokens of structure come with a tokenizer.
  private func comparable(_ model: ImportedModel) throws -> DecoderConfiguration {
    guard case .decoder(var decoder) = model.configuration else { throw NoDecoder() }
    if decoder.family == .mistral { decoder.family = .llama }
    (decoder.beginToken, decoder.endTokens) = (nil, [])
    return decoder
  }

  private func logits(_ model: ImportedModel, _ ids: [Int]) throws -> [Float] {
    guard
      case .sequences(let decoder) = try ReferenceModel(
        model.configuration, pool: pool, tensor: model.tensor)
    else { throw NoDecoder() }
    return decoder.logits(ids).values
  }

  private struct NoDecoder: Error {}
}
