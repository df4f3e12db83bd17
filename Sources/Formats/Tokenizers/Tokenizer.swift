import Vocabulary

/// Turns text into token ids and back, exactly as the tokenizer that a model was trained with.
///
/// Byte pair encoding of both families (``TokenizerModel/Kind``). Any text encodes and any ids decode;
/// nothing traps.
package struct Tokenizer: Sendable {
  /// The most pieces a vocabulary may have.
  package static let vocabularyLimit = 1 << 22
  /// The most bytes one piece may have.
  package static let pieceLimit = 4096

  package let model: TokenizerModel
  let merges: MergeTable
  let pieces: PieceTable
  let specials: SpecialTokenFinder
  /// The token of each byte, a byte piece or a normal piece of one byte; −1 where there is none.
  let byteTokens: [Int32]
  /// The normal pieces of one scalar (spmBPE only).
  let scalarTokens: [UInt32: Int32]
  /// Whether no piece has ▁ behind another character. Words can then be merged one by one without changing the
  /// result, and long texts are several times faster, because small heaps stay in the cache.
  let wordsAreIndependent: Bool

  /// Checks that the parts of `model` fit together and builds the tables that encoding needs.
  ///
  /// - Throws: ``TokenizerError`` naming the first part that does not fit.
  /// - Complexity: O(bytes of all pieces + merges); with scores, a piece is also cut at each of its
  ///   characters.
  package init(_ model: TokenizerModel) throws(TokenizerError) {
    try model.validate()
    self.model = model
    pieces = PieceTable(model)
    specials = SpecialTokenFinder(model)
    byteTokens = try model.byteTokens()
    scalarTokens = model.scalarTokens()
    wordsAreIndependent = scalarTokens[0x2581] != nil && model.hasNoInnerSpace()
    switch model.merging {
    case .scores(let scores): merges = MergeTable(scores: scores, model: model, pieces: pieces)
    case .ranked(let list): merges = try MergeTable(merges: list, model: model, pieces: pieces)
    }
  }

  package var vocabularySize: Int { model.count }
  /// Whether the model expects `begin` in front of every text; pass it on as `addBeginToken`.
  package var addsBeginToken: Bool { model.header.addsBeginToken }
  package var begin: TokenID? { model.header.begin }
  package var end: TokenID? { model.header.end }

  /// The tokens of `text`.
  ///
  /// - Parameters:
  ///   - addBeginToken: Puts the begin token in front, where the tokenizer has one.
  ///   - parseSpecial: Reads literals such as `</s>` as the tokens that they name. Only the text of a chat
  ///     template is trusted to write them; in a user's text they are characters.
  /// - Complexity: O(n log n) in the bytes of `text`.
  package func encode(_ text: String, addBeginToken: Bool = false, parseSpecial: Bool = false) -> [TokenID] {
    var ids: [TokenID] = []
    if addBeginToken, let begin { ids.append(begin) }
    var text = text
    text.withUTF8 { encode($0, parseSpecial: parseSpecial, into: &ids) }
    return ids
  }
}
