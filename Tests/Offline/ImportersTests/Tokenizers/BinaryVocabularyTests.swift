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

  /// A byte-level vocabulary of bytes alone with what `entries` change.
  private func byteLevel(_ entries: [(String, [UInt8])]) -> [UInt8] {
    let all =
      [("tokenizer.ggml.tokens", word(9) + word(8) + long(2) + ["a", "<s>"].flatMap(string))] + entries
    return Array("GGUF".utf8) + word(3) + long(0) + long(all.count) + all.flatMap { string($0.0) + $0.1 }
  }

  @Test("models and patterns that are not known are refused by name")
  func unknownNames() throws {
    let types = ("tokenizer.ggml.token_type", word(9) + word(5) + long(2) + [1, 3].flatMap { word($0) })
    for (kind, pattern, isKnown) in [
      ("gpt2", "smollm", true), ("gpt2", "kimi-k2", true), ("gpt2", "deepseek-llm", true), ("gpt2", "", true),
      ("gpt2", "superbpe", true), ("gpt2", "novel", false), ("t5", "", false), ("rwkv", "", false),
    ] {
      let vocabulary = try GGUFVocabulary(
        reading: byteLevel([
          ("tokenizer.ggml.model", word(8) + string(kind)), ("tokenizer.ggml.pre", word(8) + string(pattern)),
          types,
        ]))
      let result = Result { try vocabulary.model() }
      switch result {
      case .success: #expect(isKnown, "\(kind) \(pattern)")
      case .failure(let error):
        let name = pattern.isEmpty ? kind : pattern
        #expect(!isKnown && "\(error)".contains("\"\(name)\""), "\(error)")
      }
    }
  }

  @Test("tokens of structure have labels, and flags say what goes around a text")
  func labels() throws {
    let model = try GGUFVocabulary(
      reading: byteLevel([
        ("tokenizer.ggml.model", word(8) + string("gpt2")), ("tokenizer.ggml.pre", word(8) + string("gpt-2")),
        ("tokenizer.ggml.eot_token_id", word(4) + word(1)),
        ("tokenizer.ggml.bos_token_id", word(4) + word(1)),
        ("tokenizer.ggml.eos_token_id", word(4) + word(0)), ("tokenizer.ggml.add_bos_token", word(7) + [1]),
        ("tokenizer.ggml.add_eos_token", word(7) + [1]),
      ])
    ).model()
    #expect(model.header.labels == ["eot": 1])
    #expect(model.header.prefix == [1] && model.header.suffix == [0] && model.header.addsBeginToken)
  }

  @Test("every pattern that llama.cpp names can be used")
  func patterns() throws {
    let unknown = try GGUFVocabulary(
      reading: byteLevel([
        ("tokenizer.ggml.model", word(8) + string("gpt2")), ("tokenizer.ggml.pre", word(8) + string("?")),
      ]))
    guard
      case .failure(TokenizerImportError.unsupported(_, _, let supported)) = Result(catching: {
        try unknown.model()
      })
    else {
      Issue.record("an unknown pattern was not refused")
      return
    }
    let names = supported.split(separator: ", ").map(String.init)
    #expect(names.count > 50)
    for name in names {
      let model = try GGUFVocabulary(
        reading: byteLevel([
          ("tokenizer.ggml.model", word(8) + string("gpt2")), ("tokenizer.ggml.pre", word(8) + string(name)),
        ])
      ).model()
      #expect(try Tokenizer(model).encode("a 1 aa").count { $0 == 0 } == 3, "\(name)")
    }
  }
}
