import Vocabulary

/// Sends a text through the steps of a ``WordSplitter``, some hundred words at a time.
///
/// Words could go through all steps one by one, but entering a step costs several times what cutting a word does.
struct WordBatches {
  /// A word in the memory of the text or of the step that wrote it.
  private struct Word {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Whether nothing stands before it.
    let isStart: Bool
  }

  private static let size = 256

  private let steps: [WordSplitter.Step]
  private var matches: [PatternMatches?]
  /// Of each step the words that wait for it.
  private var waiting: [[Word]]

  init(_ steps: [WordSplitter.Step]) {
    self.steps = steps
    matches = steps.map { if case .cut(let cutter, _, _) = $0 { cutter.matches } else { nil } }
    waiting = Array(repeating: [], count: steps.count)
  }

  /// Hands the words of `text` to `word`, in order.
  mutating func run(
    _ text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ word: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    waiting[0].append(Word(bytes: text, isStart: isStart))
    flush(0, word)
  }

  /// Sends on what waits for a step.
  private mutating func flush(_ step: Int, _ word: (UnsafeBufferPointer<UInt8>) -> Void) {
    var (words, searcher) = ([Word](), PatternMatches?.none)
    swap(&words, &waiting[step])
    swap(&searcher, &matches[step])
    if case .cut(let cutter, let behavior, let inverted) = steps[step] {
      if step + 1 == steps.count {
        for whole in words {
          cutter.forEachWord(in: whole.bytes, behavior, inverted: inverted, &searcher) { range in
            word(UnsafeBufferPointer(rebasing: whole.bytes[range]))
          }
        }
      } else {
        cut(words, cutter, behavior, inverted, &searcher, step, word)
      }
    } else {
      for old in words { rewrite(old, step, word) }
    }
    words.removeAll(keepingCapacity: true)
    swap(&words, &waiting[step])
    swap(&searcher, &matches[step])
  }

  /// Cuts words for the step behind this one.
  private mutating func cut(
    _ words: [Word], _ cutter: TextCutter, _ behavior: SplitBehavior, _ inverted: Bool,
    _ searcher: inout PatternMatches?, _ step: Int, _ word: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var parts: [Word] = []
    swap(&parts, &waiting[step + 1])
    for whole in words {
      cutter.forEachWord(in: whole.bytes, behavior, inverted: inverted, &searcher) { range in
        let bytes = UnsafeBufferPointer(rebasing: whole.bytes[range])
        parts.append(Word(bytes: bytes, isStart: whole.isStart && range.lowerBound == 0))
        guard parts.count == Self.size else { return }
        swap(&parts, &waiting[step + 1])
        flush(step + 1, word)
        swap(&parts, &waiting[step + 1])
      }
    }
    swap(&parts, &waiting[step + 1])
    flush(step + 1, word)
  }

  /// Sends on what a step writes in place of a word, while it is there.
  private mutating func rewrite(
    _ old: Word, _ step: Int, _ word: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard let bytes = Self.rewritten(old, by: steps[step]) else { return send(old, behind: step, word) }
    bytes.withUnsafeBufferPointer { send(Word(bytes: $0, isStart: old.isStart), behind: step, word) }
  }

  private mutating func send(
    _ ready: Word, behind step: Int, _ word: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard step + 1 < steps.count else { return word(ready.bytes) }
    waiting[step + 1].append(ready)
    flush(step + 1, word)
  }

  /// Nil where a step leaves a word as it is.
  private static func rewritten(_ word: Word, by step: WordSplitter.Step) -> [UInt8]? {
    switch step {
    case .cut: return nil
    case .space:
      return word.bytes.first == UInt8(ascii: " ") ? nil : [UInt8(ascii: " ")] + word.bytes
    case .spell:
      var spelled: [UInt8] = []
      spelled.reserveCapacity(2 * word.bytes.count)
      for byte in word.bytes { appendScalar(ByteLevelAlphabet.scalars[Int(byte)], to: &spelled) }
      return spelled
    case .metaspace(let marker, let scheme):
      return marking(word.bytes, marker, prepends: scheme == .always || scheme == .first && word.isStart)
    }
  }

  /// The text with `marker` for every space, and one in front where it is to stand and does not.
  private static func marking(
    _ text: UnsafeBufferPointer<UInt8>, _ marker: [UInt8], prepends: Bool
  ) -> [UInt8] {
    var marked: [UInt8] = []
    marked.reserveCapacity(text.count + text.count / 2 + marker.count)
    if prepends, text.first != UInt8(ascii: " "), !text.starts(with: marker) { marked += marker }
    for byte in text {
      if byte == UInt8(ascii: " ") { marked += marker } else { marked.append(byte) }
    }
    return marked
  }
}
