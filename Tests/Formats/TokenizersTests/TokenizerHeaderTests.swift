import FoundationEssentials
import Testing
import Tokenizers
import Vocabulary

@Suite("Tokenizer headers")
struct TokenizerHeaderTests {
  private func decode(_ json: String) throws -> TokenizerHeader {
    try JSONDecoder().decode(TokenizerHeader.self, from: Data(json.utf8))
  }

  @Test("headers of older packs are read as the steps that their rules mean")
  func olderPacks() throws {
    let old = try decode(
      #"""
      {"kind":"spmBPE","wordSplit":"none","leadingSpace":"everySegment","addsBeginToken":true,"fusesUnknown":false,
      "prefersWholeWords":false,"unknown":0,"begin":1,"end":2}
      """#)
    #expect(
      old
        == TokenizerHeader(
          kind: .spmBPE, leadingSpace: .everySegment, addsBeginToken: true, unknown: 0, begin: 1, end: 2))
    #expect(old.normalizer == [.prepend(text: "▁")] && old.splits.count == 1 && old.decoder.count == 3)
    let bytes = try decode(
      #"""
      {"kind":"byteLevelBPE","wordSplit":"llama3","leadingSpace":"never","addsBeginToken":true,"fusesUnknown":false,
      "prefersWholeWords":true}
      """#)
    #expect(
      bytes
        == TokenizerHeader(
          kind: .byteLevelBPE, wordSplit: .llama3, addsBeginToken: true, prefersWholeWords: true))
  }

  @Test("a step that is not known is refused, not left out")
  func unknownStep() {
    let header =
      #"{"kind":"unigram","normalizer":[{"novel":{}}],"addsBeginToken":true,"fusesUnknown":false,"prefersWholeWords":false}"#
    #expect(throws: DecodingError.self) { try decode(header) }
  }
}

@Suite("Tokenizer headers of hostile packs")
struct HostileTokenizerHeaderTests {
  @Test("steps that would make a text grow without bound are refused")
  func growth() {
    let doubling = NormalizerStep.replace(pattern: .literal(text: "a"), content: "aa")
    let marking = SplitStep.metaspace(marker: "▁", prepends: .always, splits: true)
    let changes: [(inout TokenizerHeader) -> Void] = [
      { $0.normalizer = Array(repeating: doubling, count: 30) },
      { $0.splits = Array(repeating: marking, count: 30) },
      { $0.decoder = Array(repeating: .replace(pattern: .expression(text: ""), content: "ab"), count: 30) },
      { $0.normalizer = Array(repeating: .lowercase, count: 1000) },
      { $0.decoder = [.strip(content: "a", left: -1, right: 0)] }, { $0.decoder = [.fuse, .spaced] },
    ]
    for (index, change) in changes.enumerated() {
      let model = SmallTokenizers.sentencepiece { change(&$0.header) }
      #expect(throws: TokenizerError.self, "change \(index)") { try Tokenizer(model) }
    }
  }
}
