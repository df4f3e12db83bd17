import Vocabulary

/// Merges the tokens of one word until no neighbours merge any more. One merger serves all words, to reuse its
/// memory.
///
/// Short words are scanned for the best pair. Longer ones keep candidates in a heap ordered by rank, then position. Of words
/// beyond ``window`` tokens only about that many are merged at a time, so that every word costs O(n) and stays in the
/// processor's cache, where one heap over 8 MiB of one letter would miss it at every step.
struct PairMerger {
  /// Words of up to so many tokens are scanned: the heap's bookkeeping costs more.
  private static let scanned = 24
  /// The tokens that are merged at a time.
  static let window = 256

  /// The word's smallest tokens.
  private var units: [Int32] = []
  private var scan = PairScan()
  private var heap = PairHeap()

  /// The tokens of the word so far.
  var count: Int { units.count }

  @inline(__always)
  mutating func append(_ id: Int32) { units.append(id) }

  /// Merges the tokens that were appended, adds the result to `output` and forgets the word.
  mutating func finish(with merges: MergeTable, into output: inout [TokenID]) {
    switch units.count {
    case 0: return
    case 1: output.append(TokenID(units[0]))
    case ...Self.scanned: scan.merge(units, with: merges, into: &output)
    case ...Self.window:
      for token in heap.merge(units[...], with: merges) { output.append(TokenID(token.id)) }
    default: mergeLongWord(with: merges, into: &output)
    }
    units.removeAll(keepingCapacity: true)
  }

  /// Merges window after window and joins the results at a token that two windows share.
  ///
  /// The joined tokens are what merging the whole word gives: tokens are a word's result if and only if each two
  /// neighbours alone merge into themselves. (Consider the first merge across one of the final borders. Until then both
  /// sides went through the same steps as they do alone, in the same order, so it would happen to the two alone.) And
  /// each two neighbours of the joined tokens are neighbours in the result of a window. Where windows share no token they
  /// overlap more, at last wholly, and grow twofold, so that the worst word costs O(n log n).
  private mutating func mergeLongWord(with merges: MergeTable, into output: inout [TokenID]) {
    var window = 0..<Self.window
    var tokens = heap.merge(units[window], with: merges)
    var overlap = Self.window / 4
    while window.upperBound < units.count {
      let border = Self.index(of: window.upperBound - overlap, in: tokens)
      let step = border == 0 ? window.count : max(overlap, Self.window * 3 / 4)
      let next = tokens[border].start..<min(window.upperBound + step, units.count)
      let following = heap.merge(units[next], with: merges)
      if border == 0 {
        (window, tokens) = (next, following)
      } else if let shared = Self.sharedToken(tokens[border...], following) {
        for token in tokens[..<shared.left] { output.append(TokenID(token.id)) }
        tokens = Array(following[shared.right...])
        window = tokens[0].start..<next.upperBound
        overlap = Self.window / 4
      } else {
        overlap *= 2
      }
    }
    for token in tokens { output.append(TokenID(token.id)) }
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

/// A token with the smallest tokens that it covers.
struct MergedToken: Equatable {
  let id: Int32
  let start: Int
  let end: Int
}
