import Importers
import Kernels
import ModelFixtures
import Quantization
import Reference
import TestSupport
import Testing

@Suite("Float32 Llama", .enabled(if: SharedData.available, "needs ../shared/data"))
struct FloatDecoderTests {
  private let pool = WorkerPool(threads: 2)
  private static let sources = [
    "models/stories260k", "models-other/llama2c-stories260k/stories260K.bin",
    "models-other/gguf-stories260k/stories260k-F32.gguf",
  ]

  @Test("gives the reference's logits at every position of every prompt", arguments: sources)
  func logits(source: String) throws {
    let (reference, model) = (try ReferenceFile("stories260k"), try open(source))
    for prompt in 0..<3 {
      let ids = try reference.integers("prompt.\(prompt).ids")
      let expected = try reference.floats("prompt.\(prompt).logits").values
      let worst = largestDifference(model.logits(ids).values, expected)
      print("\(source), prompt \(prompt), \(ids.count) tokens: largest difference of logits \(worst)")
      #expect(worst <= 1e-3)
    }
  }

  @Test("continues five prompts greedily with the reference's 64 tokens")
  func greedy() throws {
    let reference = try ReferenceFile("stories260k").decode(GreedyReference.self)
    let model = try open(Self.sources[0])
    #expect(reference.greedy.count == 5)
    for example in reference.greedy {
      var tokens = example.promptIds
      for _ in 0..<example.continuationIds.count {
        let logits = model.logits(tokens)
        let last = Array(logits.row(tokens.count - 1))
        tokens.append(MaxIndexKernel.best(last, count: last.count))
      }
      #expect(Array(tokens[example.promptIds.count...]) == example.continuationIds, "\(example.prompt)")
    }
  }

  @Test("sees no later token: the logits of a prefix are those of the whole text")
  func causal() throws {
    let model = try open(Self.sources[0])
    let ids = try ReferenceFile("stories260k").integers("prompt.1.ids")
    let whole = model.logits(ids).values
    let part = model.logits(Array(ids[..<40])).values
    #expect(part == Array(whole[..<part.count]))
  }

  private func open(_ source: String) throws -> FloatDecoder {
    let imported = try ImportedModel.open(SharedData.path(source))
    let reference = try ReferenceModel(imported.configuration, pool: pool, tensor: imported.tensor)
    let model: FloatDecoder? = if case .sequences(let model) = reference { model } else { nil }
    return try #require(model)
  }
}

/// The part of the reference's JSON that holds greedy continuations.
private struct GreedyReference: Decodable {
  struct Example: Decodable {
    let prompt: String
    let promptIds: [Int]
    let continuationIds: [Int]
  }
  let greedy: [Example]
}
