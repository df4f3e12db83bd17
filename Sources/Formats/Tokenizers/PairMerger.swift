import Vocabulary

/// Merges the tokens of one word until no neighbours merge any more. One merger serves all words, to reuse its
/// memory.
///
/// Short words are scanned for the best pair. Longer ones keep candidates in a heap ordered by rank, then position. Of words
/// beyond ``window`` tokens only about that many are merged at a time, so that every word costs O(n) and stays in the
/// processor's cache, where one heap over 8 MiB of one letter would miss it at every step.
struct PairMerger {
  /// The tokens that are merged at a time.
  static let window = 256

  /// The word's smallest tokens.
  private var units: [Int32] = []
  private var scan = PairScan()

  /// The tokens of the word so far.
  var count: Int { units.count }

  @inline(__always)
  mutating func append(_ id: Int32) { units.append(id) }

  /// Merges the tokens that were appended, adds the result to `output` and forgets the word.
  mutating func finish(with merges: MergeTable, into output: inout [TokenID]) {
    guard units.count > 1 else {
      if let unit = units.popLast() { output.append(TokenID(unit)) }
      return
    }
    var word: [Int32] = []
    swap(&word, &units)
    merges.withLookup { lookup in
      word.withUnsafeMutableBufferPointer { word in
        if word.count <= PairScan.limit {
          scan.merge(word, with: lookup, into: &output)
        } else {
          mergeLongWord(UnsafeBufferPointer(word), with: lookup, into: &output)
        }
      }
    }
    swap(&word, &units)
    units.removeAll(keepingCapacity: true)
  }

  /// Merges window after window and joins the results at a token that two windows share.
  ///
  /// The joined tokens are what merging the whole word gives: tokens are a word's result if and only if each two
  /// neighbours alone merge into themselves. (Consider the first merge across one of the final borders. Until then both
  /// sides went through the same steps as they do alone, in the same order, so it would happen to the two alone.) And
  /// each two neighbours of the joined tokens are neighbours in the result of a window. Where windows share no token they
  /// overlap more, at last wholly, and grow twofold, so that the worst word costs O(n log n).
  private func mergeLongWord(
    _ units: UnsafeBufferPointer<Int32>, with merges: MergeLookup, into output: inout [TokenID]
  ) {
    var heap = PairHeap()
    var (last, lastTokens) = (0..<0, [MergedToken]())
    // Windows of a text that repeats itself are equal: what one became need not be found again.
    func merge(_ range: Range<Int>) -> [MergedToken] {
      if range.count == last.count, units[range].elementsEqual(units[last]) {
        let distance = range.lowerBound - last.lowerBound
        return lastTokens.map { $0.moved(by: distance) }
      }
      (last, lastTokens) = (
        range, heap.merge(UnsafeBufferPointer(rebasing: units[range]), from: range.lowerBound, with: merges)
      )
      return lastTokens
    }
    var window = 0..<min(Self.window, units.count)
    var tokens = merge(window)
    var overlap = Self.window / 8
    while window.upperBound < units.count {
      let border = Self.index(of: window.upperBound - overlap, in: tokens)
      let start = tokens[border].start
      // As long as the last one where it can be, so that windows of a text that repeats itself are equal.
      let end =
        border == 0
        ? window.upperBound + window.count : max(start + Self.window, window.upperBound + overlap)
      let next = start..<min(end, units.count)
      let following = merge(next)
      if border == 0 {
        (window, tokens) = (next, following)
      } else if let shared = Self.sharedToken(tokens[border...], following) {
        for token in tokens[..<shared.left] { output.append(TokenID(token.id)) }
        tokens = Array(following[shared.right...])
        window = tokens[0].start..<next.upperBound
        overlap = Self.window / 8
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

  func moved(by distance: Int) -> MergedToken {
    MergedToken(id: id, start: start + distance, end: end + distance)
  }
}
