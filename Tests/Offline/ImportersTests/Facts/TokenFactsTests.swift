import TestSupport
import Testing
import Tokenizers
import Vocabulary

@testable import Importers

@Suite("Tokens that begin and end texts")
struct TokenFactsTests {
  /// Byte pieces 3 to 258 between special tokens.
  private func tokenizer(begin: TokenID?, end: TokenID?, adds: Bool = true) -> TokenizerModel {
    let special = ["<s>", "</s>", "<|im_end|>"]
    let bytes = (0..<256).map { [UInt8($0)] }
    return TokenizerModel(
      header: TokenizerHeader(
        kind: .byteLevelBPE, wordSplit: .gpt2, addsBeginToken: adds, begin: begin, end: end),
      pieces: special.map { Array($0.utf8) } + bytes,
      types: special.map { _ in .control } + bytes.map { _ in .normal }, merging: .ranked([]))
  }

  private func claims(begin: [Int]? = nil, generation: [Int]? = nil, ends: [Int]? = nil) -> TokenClaims {
    var claims = TokenClaims()
    if let begin { claims.begin = [.init(file: "config.json", ids: begin)] }
    if let generation { claims.ends.append(.init(file: "generation_config.json", ids: generation)) }
    if let ends { claims.ends.append(.init(file: "config.json", ids: ends)) }
    return claims
  }

  @Test("every file's end tokens end an answer")
  func union() {
    let facts = TokenFacts(
      claims(generation: [2, 1], ends: [1, 7]), tokenizer(begin: 0, end: nil), template: nil)
    #expect(facts.ends == [2, 1, 7] && facts.begin == 0 && facts.notes.isEmpty)
  }

  @Test("an end token that only the tokenizer names is one")
  func tokenizerAlone() {
    var claims = claims()
    #expect(TokenFacts(claims, tokenizer(begin: 0, end: 1), template: nil).ends == [1])
    claims.ends = [.init(file: "config.json", ids: [2])]
    #expect(TokenFacts(claims, tokenizer(begin: 0, end: 1), template: nil).ends == [2])
    claims.namesEndToken = true
    #expect(TokenFacts(claims, tokenizer(begin: 0, end: 1), template: nil).ends == [2, 1])
  }

  @Test("the special token that ends a turn in the chat template ends an answer")
  func turns() {
    let template = "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"
    let claims = claims(ends: [1])
    #expect(TokenFacts(claims, tokenizer(begin: 0, end: nil), template: template).ends == [1, 2])
    #expect(TokenFacts(claims, tokenizer(begin: 0, end: nil), template: "{{ content }}").ends == [1])
    var plain = tokenizer(begin: 0, end: nil)
    plain.types[2] = .normal
    #expect(TokenFacts(claims, plain, template: template).ends == [1])
  }

  @Test("the tokenizer's begin token goes before the configuration's, which is said")
  func begin() {
    let facts = TokenFacts(claims(begin: [2], ends: [1]), tokenizer(begin: 0, end: nil), template: nil)
    #expect(facts.begin == 0)
    #expect(
      facts.notes == [
        "config.json: 'bos_token_id' is 2, but the tokenizer begins texts with 0, which is used"
      ])
    #expect(TokenFacts(claims(begin: [2]), tokenizer(begin: nil, end: 1), template: nil).begin == 2)
  }

  @Test("files that agree in nothing are named")
  func contradiction() {
    let facts = TokenFacts(claims(generation: [5], ends: [1]), tokenizer(begin: 0, end: nil), template: nil)
    #expect(facts.ends == [5, 1])
    #expect(facts.notes.count == 1 && facts.notes[0].contains("(5; 1)"))
  }

  @Test("a file that wants the end token behind every text is named, with its own key")
  func adder() throws {
    let folder = try TemporaryFolder()
    let checkpoint = HuggingFaceCheckpoint.language(seed: 1)
    try folder.write(checkpoint)
    try folder.write("tokenizer_config.json", #"{"eos_token": "</s>", "add_eos_token": true}"#)
    let (model, tokenizer) = try ImportedModel.withTokenizer(folder.path)
    #expect(
      model.notes.contains { $0.hasPrefix("tokenizer_config.json: 'add_eos_token' is true; the end token") })
    #expect(tokenizer?.header.suffix == [2])
    var file = checkpoint.gguf()
    file.metadata.append(("tokenizer.ggml.add_eos_token", .bool(1)))
    try folder.write("model.gguf", file.bytes)
    let other = try ImportedModel.withTokenizer(folder.path + "/model.gguf")
    #expect(other.model.notes.contains { $0.hasPrefix("model.gguf: 'tokenizer.ggml.add_eos_token' is true") })
    #expect(other.tokenizer?.header.suffix == [2])
  }

  @Test("a folder's facts are the same in its configuration and its tokenizer")
  func settled() throws {
    let folder = try TemporaryFolder()
    var checkpoint = HuggingFaceCheckpoint.language(seed: 1)
    checkpoint.config["eos_token_id"] = nil
    try folder.write(checkpoint)
    try folder.write("tokenizer_config.json", #"{"bos_token": "<s>", "eos_token": "</s>"}"#)
    let (model, tokenizer) = try ImportedModel.withTokenizer(folder.path)
    #expect(model.configuration.sequences?.endTokens == [2] && tokenizer?.header.end == 2)
    #expect(model.configuration.sequences?.beginToken == 1 && tokenizer?.header.begin == 1)
  }
}
