import Tokenizers
import Vocabulary

/// A tokenizer without a vocabulary of words: every byte is a token, and no two are merged.
///
/// A synthetic pack carries it so that it opens and serves like any other.
enum ByteTokenizer {
  static let begin = 256
  static let end = 257

  static var model: TokenizerModel {
    TokenizerModel(
      header: TokenizerHeader(
        kind: .byteLevelBPE, addsBeginToken: true, begin: TokenID(Int32(begin)),
        end: TokenID(Int32(end))),
      pieces: (0...UInt8.max).map { [$0] } + [Array("<s>".utf8), Array("</s>".utf8)],
      types: [TokenizerModel.PieceType](repeating: .normal, count: 256) + [.control, .control],
      merging: .ranked([]))
  }
}
