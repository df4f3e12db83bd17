/// Merges a long word: tokens form a linked list, candidates wait in a heap ordered by rank, then position.
///
/// Each of n tokens adds at most one candidate and each merge two more, so a word costs O(n log n), where rescanning for the
/// best pair is O(n²).
struct PairHeap {
  private var ids: [Int32] = []
  private var previous: [Int32] = []
  private var next: [Int32] = []
  private var candidates = MinHeap()

  /// The tokens that `units` become; their places count from the slice's own indices.
  ///
  /// - Parameter units: Fewer than 2³¹.
  mutating func merge(_ units: ArraySlice<Int32>, with merges: MergeTable) -> [MergedToken] {
    link(units)
    for position in ids.indices.dropLast() { propose(position, merges) }
    while let candidate = candidates.removeFirst() {
      merge(at: Int(truncatingIfNeeded: candidate & 0xffff_ffff), rank: candidate >> 32, merges)
    }
    var tokens: [MergedToken] = []
    var position = ids.isEmpty ? -1 : 0
    while position >= 0 {
      let end = next[position] < 0 ? ids.count : Int(next[position])
      tokens.append(
        MergedToken(id: ids[position], start: units.startIndex + position, end: units.startIndex + end))
      position = Int(next[position])
    }
    return tokens
  }

  private mutating func link(_ units: ArraySlice<Int32>) {
    ids.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    ids += units
    for position in ids.indices {
      previous.append(Int32(truncatingIfNeeded: position - 1))
      next.append(position + 1 < ids.count ? Int32(truncatingIfNeeded: position + 1) : -1)
    }
  }

  private mutating func propose(_ position: Int, _ merges: MergeTable) {
    let right = Int(next[position])
    guard right >= 0, let entry = merges.find(ids[position], ids[right]) else { return }
    candidates.insert(entry & 0xffff_ffff_0000_0000 | UInt64(position))
  }

  /// Merges the pair at `position` unless the candidate is stale: its left token was merged away (−1), or the
  /// pair there has another rank now. A newer pair of the same rank may be merged, because its own candidate
  /// would come next.
  private mutating func merge(at position: Int, rank: UInt64, _ merges: MergeTable) {
    guard ids[position] >= 0, next[position] >= 0 else { return }
    let right = Int(next[position])
    guard let entry = merges.find(ids[position], ids[right]), entry >> 32 == rank else { return }
    ids[position] = Int32(truncatingIfNeeded: entry & 0xffff_ffff)
    ids[right] = -1
    next[position] = next[right]
    if next[right] >= 0 { previous[Int(next[right])] = Int32(truncatingIfNeeded: position) }
    propose(position, merges)
    if previous[position] >= 0 { propose(Int(previous[position]), merges) }
  }
}

/// A binary heap, smallest first.
struct MinHeap {
  private var items: [UInt64] = []

  /// The parent moves down into the gap until `item` fits there: half the writes of swapping.
  mutating func insert(_ item: UInt64) {
    var gap = items.count
    items.append(item)
    while gap > 0, items[(gap - 1) / 2] > item {
      items[gap] = items[(gap - 1) / 2]
      gap = (gap - 1) / 2
    }
    items[gap] = item
  }

  mutating func removeFirst() -> UInt64? {
    guard let first = items.first, let item = items.popLast() else { return nil }
    guard !items.isEmpty else { return first }
    var gap = 0
    while 2 * gap + 1 < items.count {
      var child = 2 * gap + 1
      if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
      guard items[child] < item else { break }
      items[gap] = items[child]
      gap = child
    }
    items[gap] = item
    return first
  }
}
