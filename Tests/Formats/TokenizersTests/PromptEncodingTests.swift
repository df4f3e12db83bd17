import TestSupport
import Testing
import Tokenizers
import Vocabulary

@Suite("Tokenizers of prompts")
struct PromptEncodingTests {
  /// Bytes, then `<a>` 256 (special), `<b>` 257 (added, not special).
  private func tokenizer(_ change: (inout TokenizerModel) -> Void = { _ in }) throws -> Tokenizer {
    let literals = ["<a>", "<b>"].map { Array($0.utf8) }
    var model = TokenizerModel(
      header: TokenizerHeader(kind: .byteLevelBPE, wordSplit: .gpt2),
      pieces: (0...UInt8.max).map { [$0] } + literals,
      types: [TokenizerModel.PieceType](repeating: .normal, count: 256) + [.control, .userDefined],
      merging: .ranked([]))
    change(&model)
    return try Tokenizer(model)
  }

  /// Parts in braces are a message's.
  private func prompt(_ marked: String) -> PromptText {
    var prompt = PromptText()
    for (index, part) in marked.split(separator: "|", omittingEmptySubsequences: false).enumerated() {
      prompt.append(part.utf8, byTemplate: index % 2 == 0)
    }
    return prompt
  }

  private func ids(_ marked: String, _ tokenizer: Tokenizer) -> [Int32] {
    tokenizer.encode(prompt(marked)).map(\.rawValue)
  }

  private func bytes(_ text: String) -> [Int32] { text.utf8.map { Int32($0) } }

  @Test("a special token counts only where the template wrote all of it")
  func authors() throws {
    let tokenizer = try tokenizer()
    #expect(ids("<a>x", tokenizer) == [256] + bytes("x"))
    #expect(ids("|<a>|", tokenizer) == bytes("<a>"))
    #expect(ids("<|a|>", tokenizer) == bytes("<a>"))
    #expect(ids("|<|a>", tokenizer) == bytes("<a>"))
    #expect(ids("<a>|<a>|<a>", tokenizer) == [256] + bytes("<a>") + [256])
  }

  @Test("an added token that is not special may be anybody's")
  func added() throws {
    #expect(ids("<|b|>", try tokenizer()) == [257])
  }

  @Test("text is one text, whoever wrote its parts")
  func oneText() throws {
    let tokenizer = try Tokenizer(SmallTokenizers.byteLevel(merges: [("a", "b"), ("ab", "c")]))
    #expect(ids("a|b|c", tokenizer) == [257])
    #expect(tokenizer.encode(prompt("a|b|c")) == tokenizer.encode("abc", parseSpecial: true))
  }

  @Test("authors are remembered where special tokens are found in normalized text")
  func normalized() throws {
    let tokenizer = try tokenizer {
      $0.header.normalizer = [.lowercase]
      $0.header.addedTokens = [AddedTokenRule(id: TokenID(256), normalized: true)]
    }
    #expect(ids("<A>", tokenizer) == [256])
    #expect(ids("<|A|>", tokenizer) == bytes("<a>"))
    #expect(ids("<A>|<A>|<A>X", tokenizer) == [256] + bytes("<a>") + [256] + bytes("x"))
  }

  @Test("tokens of structure are told apart and spelled")
  func spelling() throws {
    let tokenizer = try tokenizer()
    #expect(tokenizer.isSpecial(TokenID(256)) && !tokenizer.isSpecial(TokenID(257)))
    #expect(!tokenizer.isSpecial(TokenID(-1)) && !tokenizer.isSpecial(TokenID(999)))
    #expect(
      tokenizer.spelling(of: TokenID(256)) == Array("<a>".utf8) && tokenizer.bytes(of: TokenID(256)) == [])
  }
}
