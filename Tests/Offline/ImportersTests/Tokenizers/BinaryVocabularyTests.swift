import Checkpoints
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
  private var llama2c: [UInt8] {
    let bytes = (0..<256).map { value in
      "<0x\(String(value + 256, radix: 16, uppercase: true).dropFirst())>"
    }
    let pieces = ["<unk>", "\n<s>\n", "\n</s>\n"] + bytes + [" ", "a", " a"]
    return word(7) + pieces.flatMap { word(Float(0).bitPattern) + word(UInt32($0.utf8.count)) + $0.utf8 }
  }

  /// The vocabulary of a GGUF file, through the reader of such files.
  private func vocabulary(_ file: GGUFBytes) throws -> GGUFVocabulary {
    try GGUFVocabulary(TokenizerFiles.gguf(file.bytes).metadata)
  }

  private var gguf: GGUFBytes {
    var file = GGUFBytes()
    file.metadata = [
      ("general.name", .string("tiny")), ("x.numbers", .integers([1, 2, 3])),
      ("tokenizer.ggml.model", .string("llama")),
      ("tokenizer.ggml.tokens", .strings(["<unk>", "<s>", "</s>", "a"])),
      ("tokenizer.ggml.scores", .floats([0, 0, 0, 0])),
      ("tokenizer.ggml.token_type", .integers([2, 3, 3, 1])),
      ("tokenizer.ggml.add_space_prefix", .bool(0)), ("tokenizer.ggml.bos_token_id", .uint64(1)),
    ]
    return file
  }

  @Test("llama2.c's spaces are ▁, its byte pieces bytes")
  func llama2cPieces() throws {
    let tokenizer = try Tokenizer(Llama2CTokenizer.read(llama2c))
    #expect(tokenizer.encode("a\n").map(\.rawValue) == [261, 13])
    #expect(tokenizer.decode([TokenID(261), TokenID(13)]) == "a\n")
  }

  @Test("a GGUF vocabulary is read past entries of other kinds")
  func ggufVocabulary() throws {
    let tokenizer = try Tokenizer(vocabulary(gguf).model())
    #expect(tokenizer.encode("aax", addBeginToken: true).map(\.rawValue) == [1, 3, 3, 0])
  }

  @Test("a llama2.c file that ends early is refused at every byte")
  func truncation() {
    let file = llama2c
    for end in file.indices {
      let result = Result { try Llama2CTokenizer.read(Array(file[..<end])) }
      // The format has no count: cut between two of the last pieces it is a smaller vocabulary.
      if case .success(let model) = result { #expect(model.count >= 259) }
    }
    #expect(throws: TokenizerImportError.self) {
      try Llama2CTokenizer.read(word(.max) + word(0) + word(.max))
    }
  }

  @Test("what is in a GGUF file and of another kind than it should be is refused, not passed over")
  func wrongKinds() throws {
    let wrong: [(String, GGUFBytes.Value)] = [
      ("tokenizer.ggml.model", .uint32(1)), ("tokenizer.ggml.tokens", .integers([1, 2, 3, 4])),
      ("tokenizer.ggml.scores", .strings(["0"])), ("tokenizer.ggml.token_type", .floats([2, 3, 3, 1])),
      ("tokenizer.ggml.add_space_prefix", .uint8(0)), ("tokenizer.ggml.bos_token_id", .int32(-1)),
      ("tokenizer.ggml.bos_token_id", .uint64(1 << 40)), ("tokenizer.ggml.bos_token_id", .string("1")),
    ]
    for (key, value) in wrong {
      var file = gguf
      file.metadata.removeAll { $0.key == key }
      file.metadata.append((key, value))
      let result = Result { try vocabulary(file).model() }
      guard case .failure(TokenizerImportError.unexpected(key, _, _)) = result else {
        Issue.record("\(key): \(result)")
        continue
      }
    }
  }

  @Test("pieces of a GGUF file come as bytes; one that is no text is refused by number")
  func bytesOfPieces() throws {
    var file = GGUFBytes()
    let pieces: [[UInt8]] = [[0xff, 0xfe], Array("b".utf8)]
    let strings = pieces.flatMap { GGUFBytes.little(UInt64($0.count)) + $0 }
    file.metadata = [
      ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("gpt-2")),
      ("tokenizer.ggml.tokens", .raw(9, GGUFBytes.little(UInt32(8)) + GGUFBytes.little(UInt64(2)) + strings)),
    ]
    let array = try TokenizerFiles.gguf(file.bytes).metadata["tokenizer.ggml.tokens"]?.array
    #expect(array?.strings == pieces && array?.texts == nil)
    #expect(throws: TokenizerImportError.invalidModel(.pieceNotText(piece: 0))) {
      try vocabulary(file).model()
    }
  }

  @Test("thousands of damaged files neither trap nor hang")
  func mutations() {
    var random = SeededGenerator(seed: 3)
    for original in [llama2c, gguf.bytes] {
      for _ in 0..<1000 {
        var mutant = original
        for _ in 0..<3 {
          mutant[Int.random(in: mutant.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        _ = try? Tokenizer(Llama2CTokenizer.read(mutant))
        _ = try? Tokenizer(GGUFVocabulary(TokenizerFiles.gguf(mutant).metadata).model())
      }
    }
  }

  /// A byte-level vocabulary of two tokens with what `entries` add.
  private func byteLevel(
    _ kind: String, _ pattern: String, _ entries: [(key: String, value: GGUFBytes.Value)] = []
  ) throws -> GGUFVocabulary {
    var file = GGUFBytes()
    file.metadata =
      [
        ("tokenizer.ggml.tokens", .strings(["a", "<s>"])), ("tokenizer.ggml.model", .string(kind)),
        ("tokenizer.ggml.pre", .string(pattern)),
      ] + entries
    return try vocabulary(file)
  }

  @Test("models and patterns that are not known are refused by name")
  func unknownNames() throws {
    for (kind, pattern, isKnown) in [
      ("gpt2", "smollm", true), ("gpt2", "kimi-k2", true), ("gpt2", "deepseek-llm", true), ("gpt2", "", true),
      ("gpt2", "superbpe", true), ("gpt2", "novel", false), ("t5", "", false), ("rwkv", "", false),
    ] {
      let vocabulary = try byteLevel(
        kind, pattern, [("tokenizer.ggml.token_type", .integers([1, 3]))])
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
    let model = try byteLevel(
      "gpt2", "gpt-2",
      [
        ("tokenizer.ggml.eot_token_id", .uint32(1)), ("tokenizer.ggml.bos_token_id", .uint32(1)),
        ("tokenizer.ggml.eos_token_id", .int32(0)), ("tokenizer.ggml.add_bos_token", .bool(1)),
        ("tokenizer.ggml.add_eos_token", .bool(1)),
      ]
    ).model()
    #expect(model.header.labels == ["eot": 1])
    #expect(model.header.prefix == [1] && model.header.suffix == [0] && model.header.addsBeginToken)
  }

  @Test("every pattern that llama.cpp names can be used")
  func patterns() throws {
    let unknown = try byteLevel("gpt2", "?")
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
      let model = try byteLevel("gpt2", name).model()
      #expect(try Tokenizer(model).encode("a 1 aa").count { $0 == 0 } == 3, "\(name)")
    }
  }
}
