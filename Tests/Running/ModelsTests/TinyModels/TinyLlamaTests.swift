import Importers
import Kernels
import ModelFixtures
import Models
import Packs
import Quantization
import Reference
import TestSupport
import Testing
import Tokenizers
import Vocabulary

/// A decoder of random weights whose float64 logits transformers computed; everything lies in the repository.
@Suite("TinyLlama against float64")
struct TinyLlamaTests {
  private struct Expected: Decodable {
    struct Prompt: Decodable {
      let text: String
      let ids: [Int]
      /// The positions whose logits are on file.
      let rows: [Int]
      let greedy: [Int]
    }
    let prompts: [Prompt]
  }

  private let vocabulary = 288
  private let prompts: [Expected.Prompt]
  private let pool = WorkerPool(threads: 2)

  init() throws {
    prompts = try TinyModel.llama.expected(Expected.self).prompts
    try #require(prompts.count == 3 && prompts.allSatisfy { $0.rows.count > 2 && $0.greedy.count == 48 })
  }

  @Test("the tokenizer gives every prompt its ids, and the ids their text")
  func tokens() throws {
    let tokenizer = try Tokenizer(try #require(try ImportedTokenizer.read(beside: TinyModel.llama.folder)))
    for prompt in prompts {
      let ids = tokenizer.encode(prompt.text, addBeginToken: true)
      #expect(ids.map { Int($0.rawValue) } == prompt.ids)
      #expect(tokenizer.decode(Array(ids.dropFirst())) == prompt.text)
    }
  }

  /// A float32 sum of k products errs by at most k·ε of its terms' size, ε = 2⁻²⁴. The longest way to a logit goes, twice,
  /// through sums of 32 (q, k, v), 8 (scores), up to 150 (values), 32 (output), 32 (gate, up) and 56 (down), then 32 (head):
  /// 652 terms, 652·2⁻²⁴ = 3.9e-5. Rounding errors have both signs, so that what remains is far below.
  private let tolerance = 3.9e-5

  @Test("the float32 model gives the float64 logits")
  func logits() throws {
    let model = try reference()
    for (index, prompt) in prompts.enumerated() {
      let all = model.logits(prompt.ids)
      let expected = try TinyModel.llama.expectedLogits("prompt.\(index).logits")
      let actual = prompt.rows.flatMap { Array(all.row($0)) }
      let largest = expected.reduce(0) { max($0, abs($1)) }
      let worst = zip(actual, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
      print("TinyLlama, prompt \(index), \(prompt.ids.count) tokens: largest relative difference \(worst)")
      #expect(actual.count == expected.count && worst <= tolerance)
    }
  }

  @Test("the float32 model continues with the float64 model's tokens")
  func greedy() throws {
    let model = try reference()
    for prompt in prompts {
      var tokens = prompt.ids
      for _ in prompt.greedy {
        let last = Array(model.logits(tokens).row(tokens.count - 1))
        tokens.append(MaxIndexKernel.best(last, count: last.count))
      }
      #expect(Array(tokens[prompt.ids.count...]) == prompt.greedy, "\(prompt.text)")
    }
  }

  /// What the pack may lose, as a share of the logits' size.
  ///
  /// A product of 8-bit weights and activations has steps of max/127 and range/255. With rows of k ≤ 56 values the largest
  /// is at most √k times the root mean square, so that each of both adds at most √56/(127·√12) = 1.7 % of noise, together
  /// 2.4 %. Five such products in each of two layers and the head add up as independent errors: 2.4 %·√11 = 8 %. Attention
  /// adds, in each layer, at most what the gate lets pass, 15 %: √2·15 % = 21 %. Together √(8² + 21²) = 23 %.
  private let packTolerance = 0.23

  @Test("the packed model stays near the float64 logits")
  func packed() throws {
    let pack = try TinyModel.llama.pack(.w8a8)
    for (index, prompt) in prompts.enumerated() {
      let count = prompt.ids.count
      let all = try SequenceFeeder(pack, sequences: 1, longest: count).logits([
        prompt.ids.map { TokenID(Int32($0)) }
      ])[0]
      let actual = prompt.rows.flatMap { Array(all[$0 * vocabulary..<($0 + 1) * vocabulary]) }
      let error = relativeError(actual, try TinyModel.llama.expectedLogits("prompt.\(index).logits"))
      print("TinyLlama w8a8, prompt \(index): relative error of logits \(error)")
      #expect(error <= packTolerance)
    }
  }

  private func reference() throws -> FloatDecoder {
    let imported = try TinyModel.llama.open()
    let reference = try ReferenceModel(imported.configuration, pool: pool, tensor: imported.tensor)
    let model: FloatDecoder? = if case .sequences(let model) = reference { model } else { nil }
    return try #require(model)
  }
}
