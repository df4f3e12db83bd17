import Importers
import Kernels
import ModelFixtures
import Models
import Packs
import Quantization
import TestSupport
import Testing
import Vocabulary

@Suite("Quantized Llama", .enabled(if: SharedData.available, "needs ../shared/data"))
struct DecoderModelTests {
  /// Lengths on both sides of page borders, and one of several pages.
  private static let lengths = [1, 63, 64, 65, 128, 300]

  @Test("gives the same logits for every chunking", arguments: [Recipe.w8a8, .w4a8], lengths)
  func chunking(recipe: Recipe, length: Int) throws {
    let pack = try RealPacks.stories260k(recipe)
    let tokens = try Self.text(length)
    let whole = try SequenceFeeder(pack, sequences: 1, longest: length).logits([tokens])[0]
    for chunk in [1, 7, 37, 64, 65] where chunk < length {
      let parts = try SequenceFeeder(pack, sequences: 1, longest: length).logits([tokens]) { _, _ in chunk }[
        0]
      #expect(firstDifference(parts, whole) == nil, "\(length) tokens in chunks of \(chunk)")
    }
  }

  @Test("gives the same logits alone and among others", arguments: [Recipe.w8a8, .w4a8])
  func batching(recipe: Recipe) throws {
    let pack = try RealPacks.stories260k(recipe)
    let sequences = [try Self.text(150), try Self.text(90, from: 400), try Self.text(201, from: 700)]
    let alone = try sequences.map { try SequenceFeeder(pack, sequences: 1, longest: 201).logits([$0])[0] }
    let together = try SequenceFeeder(pack, sequences: 3, longest: 201).logits(sequences)
    let interleaved = try SequenceFeeder(pack, sequences: 3, longest: 201).logits(sequences) {
      sequence, step in
      [1 + step % 5, step % 3 == 0 ? 0 : 11, step == 0 ? 66 : 1][sequence]
    }
    for index in sequences.indices {
      #expect(firstDifference(together[index], alone[index]) == nil, "sequence \(index) in one step")
      #expect(firstDifference(interleaved[index], alone[index]) == nil, "sequence \(index) interleaved")
    }
  }

  @Test("gives the same logits for every number of threads", arguments: [Recipe.w8a8, .w4a8])
  func threads(recipe: Recipe) throws {
    let pack = try RealPacks.stories260k(recipe)
    let tokens = try Self.text(300)
    let one = try SequenceFeeder(pack, sequences: 1, longest: 300).logits([tokens])[0]
    for threads in [2, 3] {
      let several = try SequenceFeeder(pack, sequences: 1, longest: 300, threads: threads).logits([tokens])[0]
      #expect(firstDifference(several, one) == nil, "\(threads) threads")
    }
  }

  @Test("leaves nothing behind: a slot and its blocks serve the next sequence as if new")
  func reuse() throws {
    let feeder = try SequenceFeeder(try RealPacks.stories260k(), sequences: 1, longest: 130)
    let (first, second) = (try Self.text(130), try Self.text(100, from: 500))
    let fresh = try SequenceFeeder(try RealPacks.stories260k(), sequences: 1, longest: 130).logits([second])
    _ = feeder.logits([first])
    #expect(feeder.logits([second]) == fresh)
  }

  @Test("stays near the float32 model's logits")
  func nearFloat() throws {
    let reference = try ReferenceFile("stories260k")
    let tokens = try reference.integers("prompt.2.ids").map { TokenID(Int32($0)) }
    let expected = try reference.floats("prompt.2.logits").values
    let actual = try SequenceFeeder(try RealPacks.stories260k(), sequences: 1, longest: tokens.count).logits([
      tokens
    ])[0]
    let agreed = (0..<tokens.count).count { row in
      let range = row * 512..<(row + 1) * 512
      return MaxIndexKernel.best(Array(actual[range]), count: 512)
        == MaxIndexKernel.best(Array(expected[range]), count: 512)
    }
    print("stories260k w8a8: \(agreed) of \(tokens.count) first guesses as in float32")
    #expect(agreed * 10 >= tokens.count * 9)
  }

  /// `count` tokens of the reference text after a begin token.
  private static func text(_ count: Int, from start: Int = 0) throws -> [TokenID] {
    let ids = try ReferenceFile("stories260k").integers("nll.ids")
    return [1] + ids[start..<start + count - 1].map { TokenID(Int32($0)) }
  }
}
