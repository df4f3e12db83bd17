import Vocabulary

/// Merges a short word by looking for the best pair in a row of ranks: O(n²), without bookkeeping.
struct PairScan {
  /// The longest word.
  static let limit = 24

  /// Of each token the merge with the next.
  private var entries = [MergeTable.Entry](repeating: 0, count: PairScan.limit)

  /// - Parameter units: Two to ``limit`` tokens, which are overwritten.
  mutating func merge(
    _ units: UnsafeMutableBufferPointer<Int32>, with merges: MergeLookup, into output: inout [TokenID]
  ) {
    let count = entries.withUnsafeMutableBufferPointer { entries in
      for index in 1..<units.count { entries[index - 1] = merges.find(units[index - 1], units[index]) }
      return Self.merge(units, entries, merges)
    }
    for index in 0..<count { output.append(TokenID(units[index])) }
  }

  /// How many tokens are left; they stand first.
  private static func merge(
    _ ids: UnsafeMutableBufferPointer<Int32>, _ entries: UnsafeMutableBufferPointer<MergeTable.Entry>,
    _ merges: MergeLookup
  ) -> Int {
    var count = ids.count
    while count > 1 {
      var (best, rank) = (0, entries[0] >> 32)
      // Equal ranks are different tokens where scores are equal; the leftmost merges first.
      var index = 1
      while index < count - 1 {
        if entries[index] >> 32 < rank { (best, rank) = (index, entries[index] >> 32) }
        index += 1
      }
      guard entries[best] != MergeLookup.none else { break }
      ids[best] = Int32(truncatingIfNeeded: entries[best])
      count -= 1
      index = best + 1
      while index < count {
        ids[index] = ids[index + 1]
        entries[index - 1] = entries[index]
        index += 1
      }
      if best > 0 { entries[best - 1] = merges.find(ids[best - 1], ids[best]) }
      if best + 1 < count { entries[best] = merges.find(ids[best], ids[best + 1]) }
    }
    return count
  }
}
