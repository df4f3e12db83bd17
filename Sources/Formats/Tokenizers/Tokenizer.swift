import Vocabulary

/// Turns text into token ids and back, exactly as the tokenizer that a model was trained with.
///
/// A tokenizer is data (``TokenizerHeader``): steps that normalize and cut text, a model that turns words into tokens, steps
/// that turn tokens into text, and added tokens, which are found before anything else. Any text encodes and any ids decode;
/// nothing traps.
package struct Tokenizer: Sendable {
  /// The most pieces a vocabulary may have.
  package static let vocabularyLimit = 1 << 22
  /// The most bytes one piece may have.
  package static let pieceLimit = 4096

  package let model: TokenizerModel
  let normalizer: TextNormalizer
  let splitter: WordSplitter
  let decoder: TokenDecoder
  let merges: MergeTable
  let pieces: PieceTable
  let wordPiece: WordPieceModel?
  let unigram: UnigramModel?
  /// Added tokens that are found as they are written, and those that are found in normalized text.
  let writtenTokens: AddedTokenFinder
  let normalizedTokens: AddedTokenFinder
  let normalizedLiterals: [Int32: [UInt8]]
  /// The token of each byte, a byte piece or a normal piece of one byte; −1 where there is none.
  let byteTokens: [Int32]
  package let hasAllBytes: Bool
  /// The normal pieces of one scalar (spmBPE only).
  let scalarTokens: [UInt32: Int32]
  /// Whether no piece has ▁ behind another character. Words can then be merged one by one without changing the
  /// result.
  let wordsAreIndependent: Bool

  /// Checks that the parts of `model` fit together and builds the tables that encoding needs.
  ///
  /// - Throws: ``TokenizerError`` naming the first part that does not fit.
  /// - Complexity: O(bytes of all pieces + merges); with scores, a piece is also cut at each of its
  ///   characters.
  package init(_ model: TokenizerModel) throws(TokenizerError) {
    try model.validate()
    self.model = model
    normalizer = try TextNormalizer(model.header.normalizer)
    splitter = try WordSplitter(
      model.header.splits, isSpelled: model.header.normalizer.contains(.spellBytes))
    decoder = try TokenDecoder(model)
    pieces = PieceTable(model)
    wordPiece = model.header.kind == .wordPiece ? WordPieceModel(model) : nil
    normalizedLiterals = model.normalizedLiterals(normalizer)
    (writtenTokens, normalizedTokens) = model.addedTokens(normalizedLiterals)
    byteTokens = try model.byteTokens()
    hasAllBytes = byteTokens.allSatisfy { $0 >= 0 }
    scalarTokens = model.scalarTokens()
    wordsAreIndependent = model.hasIndependentWords(scalarTokens)
    if case .logProbabilities(let scores) = model.merging {
      unigram = UnigramModel(model, scores: scores)
    } else {
      unigram = nil
    }
    switch model.merging {
    case .scores(let scores): merges = MergeTable(scores: scores, model: model, pieces: pieces)
    case .ranked(let list): merges = try MergeTable(merges: list, model: model, pieces: pieces)
    case .logProbabilities: merges = MergeTable()
    }
  }

  package var vocabularySize: Int { model.count }
  /// Whether the model expects `begin` in front of every text; pass it on as `addBeginToken`.
  package var addsBeginToken: Bool { model.header.addsBeginToken }
  /// What stands behind a text on its own; a text that is to be continued goes without.
  package var suffix: [TokenID] { model.header.suffix }
  package var begin: TokenID? { model.header.begin }
  package var end: TokenID? { model.header.end }

  /// The tokens of `text`.
  ///
  /// - Parameters:
  ///   - addBeginToken: Puts the begin token in front, where the tokenizer has one.
  ///   - parseSpecial: Reads literals such as `</s>` as the tokens that they name. Only the text of a chat
  ///     template is trusted to write them; in a user's text they are characters.
  /// - Complexity: O(n) in the bytes of `text`.
  package func encode(_ text: String, addBeginToken: Bool = false, parseSpecial: Bool = false) -> [TokenID] {
    var ids: [TokenID] = []
    if addBeginToken, let begin { ids.append(begin) }
    var text = text
    text.withUTF8 { encode($0, parseSpecial ? .everybody : .nobody, into: &ids) }
    return ids
  }

  /// The tokens of a prompt, in which special tokens are only where the template wrote every byte of them; added tokens
  /// that are not special may be anywhere. What is between them is tokenized as one text, whoever wrote its parts.
  ///
  /// - Complexity: O(n) in the bytes of the prompt.
  package func encode(_ prompt: PromptText) -> [TokenID] {
    var ids: [TokenID] = []
    prompt.bytes.withUnsafeBufferPointer { encode($0, .template(prompt), into: &ids) }
    return ids
  }

  /// Whether `id` is a token of structure, which only a template may write.
  package func isSpecial(_ id: TokenID) -> Bool {
    id.rawValue >= 0 && Int(id.rawValue) < model.count && model.types[Int(id.rawValue)].isSpecial
  }
}
