import Importers
import TestSupport
import Testing
import Tokenizers
import Vocabulary

@Suite("tokenizer.json")
struct TokenizerJSONTests {
  /// A byte-level file; `{M}`, `{P}` and `{N}` are the model's extra members, the pre-tokenizer and the
  /// normalizer.
  private func file(
    model: String = "", pre: String = #"{"type":"ByteLevel","add_prefix_space":false}"#,
    normalizer: String = "null", decoder: String = #"{"type":"ByteLevel"}"#,
    vocab: String = #""a":0,"b":1,"ab":2,"Ġ":3"#, merges: String = #""a b""#
  ) -> [UInt8] {
    Array(
      """
      {"normalizer":\(normalizer),"pre_tokenizer":\(pre),"decoder":\(decoder),"added_tokens":[{"id":4,"content":"<s>","special":true}],
      "model":{"type":"BPE",\(model)"vocab":{\(vocab)},"merges":[\(merges)]}}
      """.utf8)
  }

  private func split(_ pattern: String) -> String {
    let escaped = pattern.replacing("\\", with: "\\\\")
    return """
      {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\(escaped)"},"behavior":"Isolated",
      "invert":false},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}
      """
  }

  @Test("merges are read as strings and as pairs")
  func mergeForms() throws {
    let strings = try TokenizerJSON.read(file())
    #expect(strings == (try TokenizerJSON.read(file(merges: #"["a","b"]"#))))
    #expect(strings.merging == .ranked([.init(left: 0, right: 1)]))
    #expect(Array(strings.piece(3)) == [0x20])
    #expect(strings.types == [.normal, .normal, .normal, .normal, .control])
    #expect(try Tokenizer(strings).encode("ab b").map(\.rawValue) == [2, 3, 1])
  }

  @Test("the patterns of Llama 3 and Qwen 2 are recognized, others refused")
  func patterns() throws {
    let tail = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    let head = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"#
    for (pattern, rule) in [
      (head + "{1,3}" + tail, TokenizerModel.WordSplit.llama3), (head + tail, .singleDigits),
    ] {
      #expect(rule.pattern == pattern)
      #expect(try TokenizerJSON.read(file(pre: split(pattern))).header.splits.count == 2)
    }
  }

  @Test("what would change token ids is refused by name")
  func unsupported() {
    let files = [
      file(normalizer: #"{"type":"Nmt"}"#), file(pre: #"{"type":"UnicodeScripts"}"#),
      file(decoder: #"{"type":"CTC"}"#), file(decoder: "null"),
      file(model: #""dropout":0.1,"#),
      file(model: #""end_of_word_suffix":"</w>","#), file(vocab: #""a":0,"b":2,"ab":3"#),
      file(vocab: #""a":0,"b":0,"ab":1"#), file(merges: #""a c""#), file(merges: #""b a""#),
      file(merges: "7"),
      file(vocab: #""a":-1,"b":1,"ab":2"#), file(vocab: #""a":1e300,"b":1,"ab":2"#), Array("{}".utf8), [],
      Array(#"{"model":{"type":"Unigram"}}"#.utf8),
    ]
    for file in files { #expect(throws: TokenizerImportError.self) { try TokenizerJSON.read(file) } }
  }

  @Test("canonically equivalent pieces stay apart")
  func equivalentPieces() throws {
    let metaspace = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}"#
    let json = file(
      pre: metaspace, decoder: #"{"type":"Fuse"}"#,
      vocab: "\"\u{3a9}\":0,\"\u{2126}\":1,\"\\u2581\":2,\"x\":3", merges: "")
    let tokenizer = try Tokenizer(TokenizerJSON.read(json))
    #expect(tokenizer.encode("\u{2126}\u{3a9} \u{2126}").map(\.rawValue) == [1, 0, 2, 1])
  }

  @Test("hostile JSON is refused without a trap")
  func hostileJSON() {
    let deep = Array(String(repeating: "[", count: 1_000_000).utf8)
    #expect(throws: TokenizerImportError.self) { try TokenizerJSON.read(deep) }
    for text in [
      "{\"a\"", "[1,]", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\x\"", "nul", "1e999", "{} x", "\"\u{1}\"",
    ] {
      #expect(throws: TokenizerImportError.self, "\(text)") { try TokenizerJSON.read(Array(text.utf8)) }
    }
    var random = SeededGenerator()
    let original = file()
    for _ in 0..<2000 {
      var mutant = original
      mutant[Int.random(in: mutant.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      _ = try? TokenizerJSON.read(mutant)
    }
    for end in original.indices {
      #expect(throws: TokenizerImportError.self) { try TokenizerJSON.read(Array(original[..<end])) }
    }
  }

  @Test("tokenizer_config.json decides about the begin token")
  func configuration() throws {
    let json = Array(
      #"{"add_bos_token":true,"bos_token":{"content":"<s>"},"eos_token":"ab"}"#.utf8)
    let configuration = try TokenizerConfiguration(parsing: json)
    let header = try TokenizerJSON.read(file(), configuration: configuration).header
    #expect(header.addsBeginToken && header.begin == TokenID(4) && header.end == TokenID(2))
    #expect(try !TokenizerJSON.read(file()).header.addsBeginToken)
  }

  @Test("real files declare their special tokens", .enabled(if: SharedData.available, "needs ../shared/data"))
  func realFiles() throws {
    let early = try TokenizerFiles.earlyStories()
    #expect(early.vocabularySize == 4096 && early.begin == TokenID(0) && early.end == TokenID(1))
    #expect(early.model.header.splits == [.byteLevel(addsSpace: false, usesPattern: true)])
    let stories = try TokenizerFiles.stories()
    #expect(stories.vocabularySize == 512 && stories.begin == TokenID(1) && stories.end == TokenID(2))
    #expect(stories.model.header.prefix == [TokenID(1)] && stories.model.header.unknown == TokenID(0))
  }
}
