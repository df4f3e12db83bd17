import Importers
import TestSupport
import Testing
import Tokenizers
import Vocabulary

@Suite("Tokenizers against reference ids", .enabled(if: SharedData.available, "needs ../shared/data"))
struct TokenizerVectorTests {
  @Test("every vocabulary with test strings gets their ids and texts")
  func llamaCppVectors() throws {
    let names = try TokenizerFiles.vectorNames()
    #expect(!names.isEmpty)
    for name in names {
      let tokenizer = try TokenizerFiles.gguf(name)
      let vectors = try TokenizerFiles.vectors(name)
      #expect(!vectors.isEmpty)
      for (index, vector) in vectors.enumerated() {
        let ids = tokenizer.encode(vector.text)
        let place = "\(name), string \(index): \(vector.text.debugDescription)"
        #expect(ids.map(\.rawValue) == vector.ids, "\(place)")
        let text = tokenizer.decode(ids)
        if tokenizer.model.header.kind != .wordPiece {
          #expect(text.utf8.elementsEqual(vector.text.utf8), "\(place)")
        } else if !ids.contains(where: { $0 == tokenizer.model.header.unknown }) {
          // Lower-cased, without accents, spaced anew: the same words.
          #expect(tokenizer.encode(text) == ids, "\(place)")
        }
      }
    }
  }

  @Test("both spellings of the tiny vocabulary encode the reference prompts")
  func referencePrompts() throws {
    for tokenizer in [
      try TokenizerFiles.stories(), try TokenizerFiles.llama2c(), try TokenizerFiles.metaspace(),
    ] {
      #expect(tokenizer.addsBeginToken)
      for greedy in try StoriesReference.read().greedy {
        let ids = tokenizer.encode(greedy.prompt, addBeginToken: true).map(\.rawValue)
        #expect(ids == greedy.promptIDs)
        let all = greedy.promptIDs + greedy.continuationIDs
        #expect(tokenizer.decode(all.map { TokenID($0) }) == greedy.text)
      }
    }
  }

  @Test("the reference prompts' ids and texts are each other's encoding and decoding")
  func promptTensors() throws {
    let tokenizer = try TokenizerFiles.stories()
    for prompt in try StoriesReference.read().prompts {
      let ids = try StoriesReference.ids("\(prompt.name).ids")
      #expect(ids.count >= 64)
      #expect(tokenizer.decode(ids.map { TokenID($0) }) == prompt.text)
      #expect(tokenizer.encode(prompt.text, addBeginToken: true).map(\.rawValue) == ids)
    }
  }

  @Test("the evaluation text gets the reference's 2,000 ids")
  func evaluationText() throws {
    let expected = try StoriesReference.ids("nll.ids")
    #expect(expected.count == 2000)
    let text = try TokenizerFiles.text("../reference/nll-text.txt", limit: .max)
    for tokenizer in [
      try TokenizerFiles.stories(), try TokenizerFiles.llama2c(), try TokenizerFiles.metaspace(),
    ] {
      #expect(tokenizer.encode(text).prefix(2000).map(\.rawValue) == expected)
    }
  }

  @Test("the metaspace spelling puts no second space before a text that has one")
  func metaspaceLeadingSpace() throws {
    let (old, new) = (try TokenizerFiles.stories(), try TokenizerFiles.metaspace())
    for text in ["a  b", "Once upon a time", "x", "\n", "Lily's naïve 日本"] {
      #expect(old.encode(text) == new.encode(text))
    }
    #expect(old.encode("a  b").map(\.rawValue) == [261, 410, 268])
    #expect(new.encode(" Once") == old.encode("Once"))
    #expect(old.encode(" Once").count == old.encode("Once").count + 1)
  }

  @Test("literals of special tokens are text unless asked for")
  func specialLiterals() throws {
    let tokenizer = try TokenizerFiles.stories()
    #expect(tokenizer.encode("</s>", parseSpecial: true).map(\.rawValue) == [2])
    #expect(!tokenizer.encode("a</s>b").contains(TokenID(2)))
    #expect(tokenizer.decode(tokenizer.encode("a</s>b")) == "a</s>b")
    #expect(tokenizer.encode("<s>a", parseSpecial: true).map(\.rawValue) == [1, 261])
  }

  @Test("decoding what was encoded gives the text back")
  func roundTrip() throws {
    var tokenizers = [
      try TokenizerFiles.stories(), try TokenizerFiles.llama2c(), try TokenizerFiles.earlyStories(),
    ]
    for name in try TokenizerFiles.vectorNames() {
      let tokenizer = try TokenizerFiles.gguf(name)
      if tokenizer.model.header.kind != .wordPiece, tokenizer.hasAllBytes { tokenizers.append(tokenizer) }
    }
    let plays = try TokenizerFiles.text("tinyshakespeare.txt", limit: 60_000)
    var random = SeededGenerator(seed: 7)
    let texts = [plays, "", " ", "  a ", "\u{0}"] + (0..<40).map { _ in randomText(&random) }
    for (index, tokenizer) in tokenizers.enumerated() {
      for text in texts {
        let decoded = tokenizer.decode(tokenizer.encode(text))
        #expect(decoded.utf8.elementsEqual(text.utf8), "tokenizer \(index), \(random): \(text.prefix(60))")
      }
    }
  }

  /// Scalars of all planes, without ▁, which sentencepiece cannot tell from a space.
  private func randomText(_ random: inout SeededGenerator) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 1...40, using: &random) {
      let limit: UInt32 = [0x80, 0x800, 0x10000, 0x110000].randomElement(using: &random) ?? 0x80
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)), scalar.value != 0x2581 {
        text.append(scalar)
      }
    }
    return String(text)
  }
}
