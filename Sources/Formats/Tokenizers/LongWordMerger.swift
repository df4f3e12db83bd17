import Vocabulary

/// Merges a word of any length window by window and joins the results at a token that two windows share, so that every word
/// costs O(n) and stays in the processor's cache.
///
/// The joined tokens are what merging the whole word gives: tokens are a word's result if and only if each two neighbours
/// alone merge into themselves. (Consider the first merge across one of the final borders. Until then both sides went
/// through the same steps as they do alone, in the same order, so it would happen to the two alone.) And each two neighbours
/// of the joined tokens are neighbours in the result of a window. Where windows share no token they overlap more, at last
/// wholly, and grow twofold, so that the worst word costs O(n log n).
struct LongWordMerger {
  /// The smallest tokens that are merged at a time.
  static let window = 256
  /// Those of them that the next window merges again.
  private static let overlap = window / 8

  private var tree = PairTree()
  /// What was merged last. Windows of a text that repeats itself are equal: what one became need not be found again.
  private var last: Range<Int> = 0..<0
  private var lastTokens: [MergedToken] = []

  /// - Parameter units: At least one.
  mutating func merge(
    _ units: UnsafeBufferPointer<Int32>, with merges: MergeLookup, into output: inout [TokenID]
  ) {
    last = 0..<0
    var window = 0..<min(Self.window, units.count)
    var tokens = merge(window, of: units, with: merges)
    var overlap = Self.overlap
    while window.upperBound < units.count {
      let border = Self.index(of: window.upperBound - overlap, in: tokens)
      let next = Self.window(behind: window, at: tokens[border].start, overlap, border == 0)
        .clamped(to: 0..<units.count)
      let following = merge(next, of: units, with: merges)
      if border == 0 {
        (window, tokens) = (next, following)
      } else if let shared = Self.sharedToken(tokens[border...], following) {
        for token in tokens[..<shared.left] { output.append(TokenID(token.id)) }
        tokens = Array(following[shared.right...])
        window = tokens[0].start..<next.upperBound
        overlap = Self.overlap
      } else {
        overlap *= 2
      }
    }
    for token in tokens { output.append(TokenID(token.id)) }
  }

  /// The window from `start` on; the whole last one and as much again where `growing`.
  private static func window(
    behind last: Range<Int>, at start: Int, _ overlap: Int, _ growing: Bool
  ) -> Range<Int> {
    // As long as the last one where it can be, so that windows of a text that repeats itself are equal.
    start..<(growing ? last.upperBound + last.count : max(start + window, last.upperBound + overlap))
  }

  private mutating func merge(
    _ range: Range<Int>, of units: UnsafeBufferPointer<Int32>, with merges: MergeLookup
  ) -> [MergedToken] {
    if range.count == last.count, units[range].elementsEqual(units[last]) {
      let distance = range.lowerBound - last.lowerBound
      return lastTokens.map { $0.moved(by: distance) }
    }
    last = range
    lastTokens = tree.merge(
      UnsafeBufferPointer(rebasing: units[range]), from: range.lowerBound, with: merges)
    return lastTokens
  }

  /// The token that covers `position`; the first where it lies before all.
  private static func index(of position: Int, in tokens: [MergedToken]) -> Int {
    var index = tokens.count - 1
    while index > 0, tokens[index].start > position { index -= 1 }
    return index
  }

  /// The first token that is in both lists, at the same place.
  private static func sharedToken(
    _ left: ArraySlice<MergedToken>, _ right: [MergedToken]
  ) -> (left: Int, right: Int)? {
    var (i, j) = (left.startIndex, 0)
    while i < left.endIndex, j < right.count {
      if left[i] == right[j] { return (i, j) }
      if left[i].start <= right[j].start { i += 1 } else { j += 1 }
    }
    return nil
  }
}
