/// Merges a long word: tokens form a linked list, and a tree finds the pair of the lowest rank, of equals the leftmost.
///
/// A word of n tokens costs O(n log n), where rescanning for the best pair is O(n²).
struct PairTree {
  private var nodes: [Node] = []
  private var pairs = MinimumTree()

  private struct Node {
    var id: Int32
    var previous: Int32
    /// −1 at the end, as `previous` at the beginning.
    var next: Int32
    /// What the token and the next one become, if they merge.
    var joined: Int32
  }

  /// The tokens that `units` become.
  ///
  /// - Parameters:
  ///   - units: At least one, fewer than 2³¹.
  ///   - start: What the tokens' places count from.
  mutating func merge(
    _ units: UnsafeBufferPointer<Int32>, from start: Int, with merges: MergeLookup
  ) -> [MergedToken] {
    link(units)
    pairs.reset(count: units.count)
    return nodes.withUnsafeMutableBufferPointer { nodes in
      pairs.withKeys { pairs in
        for position in nodes.indices { Self.rank(position, nodes, pairs, merges) }
        pairs.update()
        while pairs.minimum != MinimumTree.none {
          Self.join(Int(truncatingIfNeeded: pairs.minimum & 0xffff_ffff), nodes, pairs, merges)
        }
      }
      return Self.tokens(nodes, from: start)
    }
  }

  private mutating func link(_ units: UnsafeBufferPointer<Int32>) {
    nodes.removeAll(keepingCapacity: true)
    for (position, id) in units.enumerated() {
      let place = Int32(truncatingIfNeeded: position)
      nodes.append(
        Node(id: id, previous: place - 1, next: position + 1 < units.count ? place + 1 : -1, joined: -1))
    }
  }

  /// Looks up what the token at `position` and the next one merge into.
  @inline(__always)
  private static func rank(
    _ position: Int, _ nodes: UnsafeMutableBufferPointer<Node>, _ pairs: MinimumTree.Keys,
    _ merges: MergeLookup
  ) {
    let right = Int(nodes[position].next)
    let entry = right < 0 ? MergeLookup.none : merges.find(nodes[position].id, nodes[right].id)
    nodes[position].joined = Int32(truncatingIfNeeded: entry)
    pairs[position] =
      entry == MergeLookup.none
      ? MinimumTree.none : entry & 0xffff_ffff_0000_0000 | UInt64(truncatingIfNeeded: position)
  }

  /// Merges the token at `position` with the next one.
  @inline(__always)
  private static func join(
    _ position: Int, _ nodes: UnsafeMutableBufferPointer<Node>, _ pairs: MinimumTree.Keys,
    _ merges: MergeLookup
  ) {
    let (previous, right) = (Int(nodes[position].previous), Int(nodes[position].next))
    let next = nodes[right].next
    nodes[position].id = nodes[position].joined
    nodes[position].next = next
    if next >= 0 { nodes[Int(next)].previous = Int32(truncatingIfNeeded: position) }
    pairs[right] = MinimumTree.none
    rank(position, nodes, pairs, merges)
    if previous >= 0 { rank(previous, nodes, pairs, merges) }
    pairs.update(max(previous, 0), position, right)
  }

  private static func tokens(
    _ nodes: UnsafeMutableBufferPointer<Node>, from start: Int
  ) -> [MergedToken] {
    var tokens: [MergedToken] = []
    tokens.reserveCapacity(nodes.count)
    var position = 0
    while position >= 0 {
      let next = Int(nodes[position].next)
      let end = next < 0 ? nodes.count : next
      tokens.append(MergedToken(id: nodes[position].id, start: start + position, end: start + end))
      position = next
    }
    return tokens
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
