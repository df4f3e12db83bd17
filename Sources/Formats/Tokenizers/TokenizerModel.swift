import Vocabulary

/// A complete tokenizer as data: what a pack stores and what importers produce.
///
/// Nothing here is checked; ``Tokenizer/init(_:)`` refuses a model whose parts do not fit together.
package struct TokenizerModel: Sendable, Equatable {
  /// How a word becomes tokens.
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// Sentencepiece: units are Unicode scalars, a space is written ▁, and a scalar without a piece becomes
    /// bytes.
    case spmBPE
    /// GPT-2: units are bytes; pieces hold raw bytes, not GPT-2's printable stand-ins for them.
    case byteLevelBPE
    /// BERT's: the longest piece that a word begins with, then the longest continuation.
    case wordPiece
    /// Sentencepiece's other form: the pieces whose log-probabilities add up to the most.
    case unigram
  }

  /// How the two classic forms cut text into words before merging; merges never cross a cut.
  package enum WordSplit: String, Sendable, Codable, CaseIterable {
    /// No cuts.
    case none
    /// Before every ▁ (Metaspace with `split`).
    case metaspace
    /// GPT-2's pattern.
    case gpt2
    /// Llama 3's pattern: words take one leading punctuation mark, numbers have at most three digits.
    case llama3
    /// Llama 3's pattern with one digit per number, as Qwen 2 writes it.
    case singleDigits
  }

  /// Where encoding puts a space of its own in front of text, so that its first word looks like any other.
  package enum LeadingSpace: String, Sendable, Codable, CaseIterable {
    case never
    /// Before every stretch of text between special tokens, even where one is there already.
    case everySegment
    /// As ``everySegment``, except where the text begins with a space.
    case everySegmentUnlessSpaced
    /// Only at the very beginning, and not where the text begins with a space.
    case firstSegmentUnlessSpaced
  }

  /// What a piece stands for; raw values as in GGUF.
  package enum PieceType: UInt8, Sendable, CaseIterable {
    case normal = 1
    /// Stands for text that has no pieces.
    case unknown = 2
    /// A token of structure, such as the beginning of a text. Text becomes one only on request; decoding writes
    /// nothing.
    case control = 3
    /// A literal that is never cut.
    case userDefined = 4
    /// In the vocabulary, but never produced.
    case unused = 5
    /// One byte, written `<0xHH>`.
    case byte = 6

    /// Whether it is a token of structure, which only a template may write.
    package var isSpecial: Bool { self == .control || self == .unknown }
  }

  /// Two neighbouring tokens that become one, the piece of their joined bytes.
  package struct Merge: Sendable, Equatable {
    package let left: UInt32
    package let right: UInt32

    package init(left: UInt32, right: UInt32) { (self.left, self.right) = (left, right) }
  }

  /// The rule for which neighbours are merged first.
  package enum Merging: Sendable, Equatable {
    /// One score per piece: the neighbours whose joint piece scores highest, the leftmost of equals.
    case scores([Float])
    /// A list: the pair that comes first in it, the leftmost of equals.
    case ranked([Merge])
    /// Nothing is merged: one log-probability per piece (unigram).
    case logProbabilities([Double])
  }

  package var header: TokenizerHeader
  /// The pieces' bytes, one after another.
  package var pieceBytes: [UInt8]
  /// `[vocabulary + 1]`: piece `i` is `pieceBytes[pieceOffsets[i]..<pieceOffsets[i + 1]]`.
  package var pieceOffsets: [UInt32]
  /// `[vocabulary]`.
  package var types: [PieceType]
  package var merging: Merging

  /// - Parameter pieces: Together under 4 GiB (``Tokenizer/init(_:)`` refuses far smaller vocabularies).
  package init(header: TokenizerHeader, pieces: [[UInt8]], types: [PieceType], merging: Merging) {
    self.header = header
    self.types = types
    self.merging = merging
    pieceBytes = []
    pieceOffsets = [0]
    pieceOffsets.reserveCapacity(pieces.count + 1)
    for piece in pieces {
      pieceBytes += piece
      pieceOffsets.append(UInt32(truncatingIfNeeded: pieceBytes.count))
    }
  }

  /// The pieces' number.
  package var count: Int { max(0, pieceOffsets.count - 1) }

  /// The bytes of piece `id`, as stored.
  ///
  /// - Precondition: The offsets ascend within `pieceBytes` (a ``Tokenizer``'s do) and `id` is one of them.
  package func piece(_ id: Int) -> ArraySlice<UInt8> {
    pieceBytes[Int(pieceOffsets[id])..<Int(pieceOffsets[id + 1])]
  }

  /// Whether a word's text can become piece `id`: not tokens of structure, and of added tokens those that the vocabulary
  /// has as well.
  func isPiece(_ id: Int) -> Bool {
    types[id] == .normal || types[id] == .userDefined && id < header.addedFrom ?? .max
  }
}
