import Vocabulary

/// What steps look for in text.
package enum TextPattern: Sendable, Equatable, Codable {
  case literal(text: String)
  /// A regular expression in Oniguruma's spelling; ``PatternMatcher`` says what it can do.
  case expression(text: String)
}

/// The normalization forms of Unicode.
package enum NormalizationForm: String, Sendable, Codable, CaseIterable {
  case nfc, nfd, nfkc, nfkd
}

/// A step that rewrites text before it is cut into words.
package enum NormalizerStep: Sendable, Equatable, Codable {
  case form(NormalizationForm)
  /// Each scalar's own lower-case mapping, without context.
  case lowercase
  /// Drops combining marks.
  case stripAccents
  case replace(pattern: TextPattern, content: String)
  /// In front of every text that is not empty.
  case prepend(text: String)
  /// White space at the ends.
  case strip(left: Bool, right: Bool)
  case bert(cleansText: Bool, separatesIdeographs: Bool, stripsAccents: Bool, lowercases: Bool)
  /// Writes each byte as a character of ``ByteLevelAlphabet``; steps behind it see those, the model bytes again.
  case spellBytes
}

/// What becomes of the places where a step would cut.
package enum SplitBehavior: String, Sendable, Codable, CaseIterable {
  /// A match is dropped.
  case removed
  /// A match is a word of its own.
  case isolated
  /// A match ends the word before it.
  case mergedWithPrevious
  /// A match begins the word behind it.
  case mergedWithNext
  /// Matches that touch are one word.
  case contiguous
}

/// A step that cuts text into words; merges never cross a cut.
package enum SplitStep: Sendable, Equatable, Codable {
  case split(pattern: TextPattern, behavior: SplitBehavior, inverted: Bool)
  /// Numbers of Unicode, one by one or in runs.
  case digits(individually: Bool)
  /// GPT-2's step: a space in front of a word that has none, and GPT-2's pattern.
  case byteLevel(addsSpace: Bool, usesPattern: Bool)
  /// Writes each byte as a character of ``ByteLevelAlphabet``; steps behind it see those, the model bytes again.
  case spellBytes
  /// Spaces become `marker`; a marker goes in front where `prepends` says so and none is there; words begin at markers.
  case metaspace(marker: String, prepends: PrependScheme, splits: Bool)
  /// Runs of word characters, runs of other marks; white space is dropped.
  case words
  /// White space is dropped.
  case whitespace
  case punctuation(behavior: SplitBehavior)
  /// BERT's step: white space is dropped, each punctuation mark is a word.
  case bert

  package enum PrependScheme: String, Sendable, Codable, CaseIterable {
    case always, never
    /// At the very beginning of the text alone.
    case first
  }
}

/// A step that turns tokens into text. Steps in front of ``fuse`` see one token at a time, those behind it the whole text.
package enum DecoderStep: Sendable, Equatable, Codable {
  /// GPT-2's: pieces are bytes already; an added token that is written in GPT-2's printable characters is read by them.
  case byteLevel
  /// A space between tokens, as `tokenizers` writes them where a file names no decoder.
  case spaced
  /// The marker becomes a space; in the first token it is dropped where encoding put one in front.
  case metaspace(marker: String, prepends: SplitStep.PrependScheme)
  /// A space before every token but those that continue a word, which lose `prefix`.
  case wordPiece(prefix: String, cleansUp: Bool)
  /// Byte tokens become their bytes; a run of them that is no text becomes U+FFFD for every byte.
  case byteFallback
  /// `suffix` becomes a space, at the end nothing.
  case wordEnd(suffix: String)
  case fuse
  /// At most so many of `content` at the ends.
  case strip(content: String, left: Int, right: Int)
  case replace(pattern: TextPattern, content: String)
}

/// What is particular about finding an added token in text.
package struct AddedTokenRule: Sendable, Equatable, Codable {
  package var id: TokenID
  /// Swallows white space in front of it.
  package var stripsLeft: Bool
  package var stripsRight: Bool
  /// Is looked for in normalized text, in its own normalized form.
  package var normalized: Bool
  /// Counts only where no word character touches it.
  package var singleWord: Bool

  package init(
    id: TokenID, stripsLeft: Bool = false, stripsRight: Bool = false, normalized: Bool = false,
    singleWord: Bool = false
  ) {
    self.id = id
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.normalized = normalized
    self.singleWord = singleWord
  }

  /// Whether there is nothing particular.
  package var isPlain: Bool { !(stripsLeft || stripsRight || normalized || singleWord) }
}
