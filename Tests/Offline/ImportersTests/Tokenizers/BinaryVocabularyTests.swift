import Importers
import TestSupport
import Testing
import Tokenizers
import Vocabulary

@Suite("Vocabularies of llama2.c and GGUF")
struct BinaryVocabularyTests {
  private func word(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  private func long(_ value: Int) -> [UInt8] { word(UInt32(value)) + word(0) }
  private func string(_ text: String) -> [UInt8] { long(text.utf8.count) + text.utf8 }

  private var llama2c: [UInt8] {
    let bytes = (0..<256).map { value in
      "<0x\(String(value + 256, radix: 16, uppercase: true).dropFirst())>"
    }
    let pieces = ["<unk>", "\n<s>\n", "\n</s>\n"] + bytes + [" ", "a", " a"]
    return word(7) + pieces.flatMap { word(Float(0).bitPattern) + word(UInt32($0.utf8.count)) + $0.utf8 }
  }

  private var gguf: [UInt8] {
    let entries: [(String, [UInt8])] = [
      ("general.name", word(8) + string("tiny")),
      ("x.nested", word(9) + word(9) + long(1) + word(4) + long(2) + long(0)),
      ("tokenizer.ggml.model", word(8) + string("llama")),
      ("tokenizer.ggml.tokens", word(9) + word(8) + long(4) + ["<unk>", "<s>", "</s>", "a"].flatMap(string)),
      ("tokenizer.ggml.scores", word(9) + word(6) + long(4) + (0..<16).map { _ in 0 }),
      ("tokenizer.ggml.token_type", word(9) + word(5) + long(4) + [2, 3, 3, 1].flatMap { word($0) }),
      ("tokenizer.ggml.add_space_prefix", word(7) + [0]), ("tokenizer.ggml.bos_token_id", word(4) + word(1)),
    ]
    return Array("GGUF".utf8) + word(3) + long(0) + long(entries.count)
      + entries.flatMap { string($0.0) + $0.1 }
  }

  @Test("llama2.c's spaces are ▁, its byte pieces bytes")
  func llama2cPieces() throws {
    let tokenizer = try Tokenizer(Llama2CTokenizer.read(llama2c))
    #expect(tokenizer.encode("a\n").map(\.rawValue) == [261, 13])
    #expect(tokenizer.decode([TokenID(261), TokenID(13)]) == "a\n")
  }

  @Test("a GGUF vocabulary is read past entries of other kinds")
  func ggufVocabulary() throws {
    let tokenizer = try Tokenizer(GGUFVocabulary(reading: gguf).model())
    #expect(tokenizer.encode("aax", addBeginToken: true).map(\.rawValue) == [1, 3, 3, 0])
  }

  @Test("a file that ends early is refused at every byte")
  func truncation() {
    let (first, second) = (llama2c, gguf)
    for end in first.indices {
      let result = Result { try Llama2CTokenizer.read(Array(first[..<end])) }
      // The format has no count: cut between two of the last pieces it is a smaller vocabulary.
      if case .success(let model) = result { #expect(model.count >= 259) }
    }
    for end in second.indices {
      #expect(throws: TokenizerImportError.self, "\(end)") {
        try GGUFVocabulary(reading: Array(second[..<end]))
      }
    }
  }

  @Test("counts and lengths that the file cannot hold are refused")
  func hugeCounts() {
    let huge = [UInt8](repeating: 0xff, count: 8)
    let start = Array("GGUF".utf8) + word(3) + long(0)
    let name = string("tokenizer.ggml.tokens")
    for file in [
      start + huge, start + long(1) + huge, start + long(1) + name + word(8) + huge,
      start + long(1) + name + word(9) + word(8) + huge,
      start + long(1) + string("x") + word(9) + word(12) + huge,
      start + long(1) + string("x") + word(99), Array("GGUF".utf8) + word(1) + long(0) + long(0),
    ] {
      #expect(throws: TokenizerImportError.self) { try GGUFVocabulary(reading: file) }
    }
    #expect(throws: TokenizerImportError.self) {
      try Llama2CTokenizer.read(word(.max) + word(0) + word(.max))
    }
  }

  @Test("thousands of damaged files neither trap nor hang")
  func mutations() {
    var random = SeededGenerator(seed: 3)
    for original in [llama2c, gguf] {
      for _ in 0..<1000 {
        var mutant = original
        for _ in 0..<3 {
          mutant[Int.random(in: mutant.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        _ = try? Tokenizer(Llama2CTokenizer.read(mutant))
        _ = try? Tokenizer(GGUFVocabulary(reading: mutant).model())
      }
    }
  }

  @Test(
    "tokenizers of other families are refused", .enabled(if: SharedData.available, "needs ../shared/data"))
  func otherFamilies() throws {
    for name in ["falcon", "bert-bge"] {
      let vocabulary = try GGUFVocabulary(
        reading: TokenizerFiles.bytes("vectors/tokenizers/ggml-vocab-\(name).gguf"))
      #expect(throws: TokenizerImportError.self) { try vocabulary.model() }
    }
  }
}
