import Vocabulary

/// Merges a short word by looking for the best pair in a row of ranks: O(n²), without bookkeeping.
struct PairScan {
  private var ids: [Int32] = []
  /// Of each token the merge with the next; `none` where they do not merge.
  private var entries: [MergeTable.Entry] = []

  private static let none = MergeTable.Entry.max

  /// - Parameter units: At least two tokens.
  mutating func merge(_ units: [Int32], with merges: MergeTable, into output: inout [TokenID]) {
    ids.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    ids += units
    for index in 1..<units.count {
      entries.append(merges.find(units[index - 1], units[index]) ?? Self.none)
    }
    let count = ids.withUnsafeMutableBufferPointer { ids in
      entries.withUnsafeMutableBufferPointer { entries in Self.merge(ids, entries, merges) }
    }
    for index in 0..<count { output.append(TokenID(ids[index])) }
  }

  /// How many tokens are left; they stand first.
  private static func merge(
    _ ids: UnsafeMutableBufferPointer<Int32>, _ entries: UnsafeMutableBufferPointer<MergeTable.Entry>,
    _ merges: MergeTable
  ) -> Int {
    var count = ids.count
    while count > 1 {
      var best = 0
      // Equal ranks are different tokens where scores are equal; the leftmost merges first.
      for index in 1..<max(count - 1, 1) where entries[index] >> 32 < entries[best] >> 32 { best = index }
      guard entries[best] != none else { break }
      ids[best] = Int32(truncatingIfNeeded: entries[best])
      count -= 1
      for index in best + 1..<max(count, best + 1) { ids[index] = ids[index + 1] }
      for index in best..<max(count - 1, best) { entries[index] = entries[index + 1] }
      if best > 0 { entries[best - 1] = merges.find(ids[best - 1], ids[best]) ?? none }
      if best + 1 < count { entries[best] = merges.find(ids[best], ids[best + 1]) ?? none }
    }
    return count
  }
}
