import Vocabulary

/// Merges the tokens of one word until no neighbours merge any more. One merger serves all words, to reuse its
/// memory.
///
/// Short words are scanned for the best pair (``PairScan``), longer ones merged window by window (``LongWordMerger``).
struct PairMerger {
  /// The word's smallest tokens.
  private var units: [Int32] = []
  private var scan = PairScan()
  private var longWords = LongWordMerger()

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
          longWords.merge(UnsafeBufferPointer(word), with: lookup, into: &output)
        }
      }
    }
    swap(&word, &units)
    units.removeAll(keepingCapacity: true)
  }
}
