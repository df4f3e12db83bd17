import Vocabulary

/// The small part of a ``TokenizerModel``: what a pack keeps as JSON beside the tensors.
package struct TokenizerHeader: Sendable, Equatable {
  package var kind: TokenizerModel.Kind
  /// What rewrites text before anything else.
  package var normalizer: [NormalizerStep] = []
  /// What cuts text into words, one step after another.
  package var splits: [SplitStep] = []
  /// What turns tokens into text; none writes their pieces one after another.
  package var decoder: [DecoderStep] = []
  /// The added tokens that have flags; others are found as they are written.
  package var addedTokens: [AddedTokenRule] = []
  /// The first id that is an added token alone, which the model itself does not know; nil where it knows all.
  package var addedFrom: Int?
  /// What the author's own program puts in front of a text and behind it.
  package var prefix: [TokenID] = []
  package var suffix: [TokenID] = []
  /// Whether the model expects ``begin`` in front of every text.
  package var addsBeginToken: Bool
  /// Whether neighbouring unknown characters become one ``unknown`` token.
  package var fusesUnknown: Bool
  /// Whether a word that is a piece stays whole even if no merges lead to it.
  package var prefersWholeWords: Bool
  /// What is written before a character that continues a word, and behind one that ends a word, in the vocabulary.
  package var continuingPrefix = ""
  package var wordSuffix = ""
  /// The most characters of a word that is not unknown (WordPiece).
  package var longestWord = 100
  /// The token for text that has no piece; nil drops such text.
  package var unknown: TokenID?
  /// How ``unknown`` reads.
  package var unknownText = "\u{fffd}"
  package var begin: TokenID?
  package var end: TokenID?
  /// Other tokens of structure by what they are for: `eot`, `eom`, `pad`, `sep`, `cls`, `mask`, `fim_pre` and so on.
  package var labels: [String: TokenID] = [:]

  /// A tokenizer of one of the two classic forms; the steps follow from `wordSplit` and `leadingSpace`.
  package init(
    kind: TokenizerModel.Kind, wordSplit: TokenizerModel.WordSplit = .none,
    leadingSpace: TokenizerModel.LeadingSpace = .never, addsBeginToken: Bool = false,
    fusesUnknown: Bool = false,
    prefersWholeWords: Bool = false, unknown: TokenID? = nil, begin: TokenID? = nil, end: TokenID? = nil
  ) {
    self.kind = kind
    self.addsBeginToken = addsBeginToken
    self.fusesUnknown = fusesUnknown
    self.prefersWholeWords = prefersWholeWords
    self.unknown = unknown
    self.begin = begin
    self.end = end
    switch kind {
    case .spmBPE: setSentencepieceSteps(wordSplit, leadingSpace)
    case .byteLevelBPE: setByteLevelSteps(wordSplit, leadingSpace)
    case .wordPiece, .unigram: break
    }
  }

  private mutating func setSentencepieceSteps(
    _ wordSplit: TokenizerModel.WordSplit, _ leadingSpace: TokenizerModel.LeadingSpace
  ) {
    let marker = "▁"
    let scheme: SplitStep.PrependScheme
    switch leadingSpace {
    case .never: scheme = .never
    case .everySegment:
      normalizer.append(.prepend(text: marker))
      scheme = .never
    case .everySegmentUnlessSpaced: scheme = .always
    case .firstSegmentUnlessSpaced: scheme = .first
    }
    splits = [.metaspace(marker: marker, prepends: scheme, splits: wordSplit == .metaspace)]
    decoder = [.replace(pattern: .literal(text: marker), content: " "), .fuse]
    if leadingSpace != .never { decoder.append(.strip(content: " ", left: 1, right: 0)) }
  }

  private mutating func setByteLevelSteps(
    _ wordSplit: TokenizerModel.WordSplit, _ leadingSpace: TokenizerModel.LeadingSpace
  ) {
    let usesPattern = wordSplit == .gpt2
    splits = [.byteLevel(addsSpace: leadingSpace != .never, usesPattern: usesPattern)]
    if let pattern = wordSplit.pattern, !usesPattern {
      splits.append(.split(pattern: .expression(text: pattern), behavior: .isolated, inverted: false))
    }
  }
}
