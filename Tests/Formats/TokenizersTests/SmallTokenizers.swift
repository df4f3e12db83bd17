import Tokenizers
import Vocabulary

/// Vocabularies small enough to reason about.
enum SmallTokenizers {
  /// Ids 0...2 special, 3...258 the bytes, then ▁ 259, a 260, b 261, ab 262, ▁a 263, é 264, x 265 and xx 266.
  static func sentencepiece(
    leadingSpace: TokenizerModel.LeadingSpace = .everySegment, wordSplit: TokenizerModel.WordSplit = .none,
    _ change: (inout TokenizerModel) -> Void = { _ in }
  ) -> TokenizerModel {
    let bytes = (0..<256).map { "<0x\(String($0 + 256, radix: 16, uppercase: true).dropFirst())>" }
    let pieces = ["<unk>", "<s>", "</s>"] + bytes + ["▁", "a", "b", "ab", "▁a", "é", "x", "xx"]
    var types: [TokenizerModel.PieceType] = [.unknown, .control, .control]
    types += Array(repeating: .byte, count: 256) + Array(repeating: .normal, count: 8)
    var scores = [Float](repeating: 0, count: pieces.count)
    (scores[262], scores[263], scores[266]) = (-1, -2, -3)
    let header = TokenizerHeader(
      kind: .spmBPE, wordSplit: wordSplit, leadingSpace: leadingSpace, addsBeginToken: true,
      unknown: TokenID(0),
      begin: TokenID(1),
      end: TokenID(2))
    var model = TokenizerModel(
      header: header, pieces: pieces.map { Array($0.utf8) }, types: types, merging: .scores(scores))
    change(&model)
    return model
  }

  /// Id = byte for 0...255, then the pieces that the pairs of `merges` join, in order, then `<end>`.
  static func byteLevel(
    _ wordSplit: TokenizerModel.WordSplit = .gpt2, merges: [(String, String)] = []
  ) -> TokenizerModel {
    var pieces = (0..<256).map { [UInt8($0)] }
    var list: [TokenizerModel.Merge] = []
    for (left, right) in merges {
      let id = { (text: String) in UInt32(pieces.firstIndex(of: Array(text.utf8)) ?? 0) }
      list.append(.init(left: id(left), right: id(right)))
      pieces.append(Array((left + right).utf8))
    }
    let types = pieces.map { _ in TokenizerModel.PieceType.normal } + [.control]
    return TokenizerModel(
      header: TokenizerHeader(kind: .byteLevelBPE, wordSplit: wordSplit),
      pieces: pieces + [Array("<end>".utf8)],
      types: types, merging: .ranked(list))
  }
}
