/// Merges a long word: tokens form a linked list, candidates wait in a heap ordered by rank, then position.
///
/// Each of n tokens adds at most one candidate and each merge two more, so a word costs O(n log n), where rescanning for the
/// best pair is O(n²).
struct PairHeap {
  private var nodes: [Node] = []
  private var candidates = MinHeap()

  private struct Node {
    /// −1 where the token was merged away.
    var id: Int32
    var previous: Int32
    var next: Int32
  }

  /// The tokens that `units` become.
  ///
  /// - Parameters:
  ///   - units: Fewer than 2³¹.
  ///   - start: What the tokens' places count from.
  mutating func merge(
    _ units: UnsafeBufferPointer<Int32>, from start: Int, with merges: MergeLookup
  ) -> [MergedToken] {
    nodes.removeAll(keepingCapacity: true)
    for (position, id) in units.enumerated() {
      let place = Int32(truncatingIfNeeded: position)
      nodes.append(Node(id: id, previous: place - 1, next: position + 1 < units.count ? place + 1 : -1))
    }
    var nodes: [Node] = []
    swap(&nodes, &self.nodes)
    defer { swap(&nodes, &self.nodes) }
    return nodes.withUnsafeMutableBufferPointer { nodes in
      for position in nodes.indices.dropLast() { propose(position, nodes, merges) }
      while let candidate = candidates.removeFirst() {
        merge(at: Int(truncatingIfNeeded: candidate & 0xffff_ffff), rank: candidate >> 32, nodes, merges)
      }
      return Self.tokens(nodes, from: start)
    }
  }

  private static func tokens(
    _ nodes: UnsafeMutableBufferPointer<Node>, from start: Int
  ) -> [MergedToken] {
    var tokens: [MergedToken] = []
    var position = nodes.isEmpty ? -1 : 0
    while position >= 0 {
      let next = Int(nodes[position].next)
      let end = next < 0 ? nodes.count : next
      tokens.append(MergedToken(id: nodes[position].id, start: start + position, end: start + end))
      position = next
    }
    return tokens
  }

  @inline(__always)
  private mutating func propose(
    _ position: Int, _ nodes: UnsafeMutableBufferPointer<Node>, _ merges: MergeLookup
  ) {
    let right = Int(nodes[position].next)
    guard right >= 0 else { return }
    let entry = merges.find(nodes[position].id, nodes[right].id)
    if entry != MergeLookup.none {
      candidates.insert(entry & 0xffff_ffff_0000_0000 | UInt64(truncatingIfNeeded: position))
    }
  }

  /// Merges the pair at `position` unless the candidate is stale: its left token was merged away, or the
  /// pair there has another rank now. A newer pair of the same rank may be merged, because its own candidate
  /// would come next.
  private mutating func merge(
    at position: Int, rank: UInt64, _ nodes: UnsafeMutableBufferPointer<Node>, _ merges: MergeLookup
  ) {
    let right = Int(nodes[position].next)
    guard nodes[position].id >= 0, right >= 0 else { return }
    let entry = merges.find(nodes[position].id, nodes[right].id)
    guard entry != MergeLookup.none, entry >> 32 == rank else { return }
    nodes[position].id = Int32(truncatingIfNeeded: entry)
    nodes[right].id = -1
    let next = nodes[right].next
    nodes[position].next = next
    if next >= 0 { nodes[Int(next)].previous = Int32(truncatingIfNeeded: position) }
    propose(position, nodes, merges)
    if nodes[position].previous >= 0 { propose(Int(nodes[position].previous), nodes, merges) }
  }
}

/// A binary heap, smallest first.
struct MinHeap {
  private var items: [UInt64] = []

  /// The parent moves down into the gap until `item` fits there: half the writes of swapping.
  mutating func insert(_ item: UInt64) {
    items.append(item)
    items.withUnsafeMutableBufferPointer { items in
      var gap = items.count - 1
      while gap > 0, items[(gap - 1) >> 1] > item {
        items[gap] = items[(gap - 1) >> 1]
        gap = (gap - 1) >> 1
      }
      items[gap] = item
    }
  }

  mutating func removeFirst() -> UInt64? {
    guard let first = items.first, let item = items.popLast() else { return nil }
    guard !items.isEmpty else { return first }
    items.withUnsafeMutableBufferPointer { items in
      var gap = 0
      while 2 * gap + 1 < items.count {
        var child = 2 * gap + 1
        if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
        guard items[child] < item else { break }
        items[gap] = items[child]
        gap = child
      }
      items[gap] = item
    }
    return first
  }
}
