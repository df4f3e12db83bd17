/// The cache pages of one model: which are free, who holds the others, and which finished ones can be shared.
///
///            allocate                  release, contents not filed
///     free ───────────▶ held ─────────────────────────────────────▶ free
///                        ▲ │
///            find, retain│ │release, contents filed
///                        │ ▼
///                       cached ──evict (oldest first, when nothing is free)──▶ free
///
/// A held block has one reference per table that contains it; a cached block has none and keeps its contents
/// until the room is needed. The pool is confined to the thread that runs the engine: it takes no locks.
package final class BlockPool {
  /// Tokens per block; the cache's key groups, and so its shared prefixes, end at multiples of it.
  package static let tokensPerBlock = 64

  /// The blocks that `tokens` tokens occupy, the last one perhaps in part.
  package static func blocks(holding tokens: Int) -> Int { (tokens + tokensPerBlock - 1) / tokensPerBlock }

  /// All blocks, in whatever state.
  package let capacity: Int

  private var references: [Int32]
  private var keys: [PrefixKey?]
  private var filed: [PrefixKey: BlockID] = [:]
  private var free: [BlockID]
  private var cached: RecencyList

  /// A pool of `capacity` free blocks.
  ///
  /// - Precondition: `capacity` is in `0...Int32.max`.
  package init(capacity: Int) {
    precondition(capacity >= 0 && capacity <= Int(Int32.max), "BlockPool: a capacity of \(capacity)")
    self.capacity = capacity
    references = Array(repeating: 0, count: capacity)
    keys = Array(repeating: nil, count: capacity)
    free = (0..<Int32(capacity)).reversed().map(BlockID.init(rawValue:))
    cached = RecencyList(capacity: capacity)
  }

  /// Blocks that ``allocate()`` can still hand out: the free ones, and the cached ones it may evict.
  package var availableCount: Int { free.count + cached.count }

  /// Unused blocks that still hold a prefix.
  package var cachedCount: Int { cached.count }

  /// Blocks that some table holds.
  package var heldCount: Int { capacity - availableCount }

  /// How many tables hold `block`.
  package func referenceCount(of block: BlockID) -> Int { Int(references[block.index]) }

  // MARK: References

  /// Hands out a block with one reference, evicting the oldest cached prefix if nothing else is left.
  ///
  /// - Returns: `nil` if tables hold every block.
  package func allocate() -> BlockID? {
    guard let block = free.popLast() ?? evictOldest() else { return nil }
    references[block.index] = 1
    return block
  }

  /// Adds a reference to a held or cached block.
  package func retain(_ block: BlockID) {
    if references[block.index] == 0 { cached.remove(block) }
    references[block.index] += 1
  }

  /// Gives one reference back. The last one makes the block cached if its contents are filed, else free.
  package func release(_ block: BlockID) {
    precondition(references[block.index] > 0, "\(block) is released, but nobody holds it")
    references[block.index] -= 1
    guard references[block.index] == 0 else { return }
    if keys[block.index] == nil { free.append(block) } else { cached.append(block) }
  }

  private func evictOldest() -> BlockID? {
    guard let block = cached.popOldest() else { return nil }
    if let key = keys[block.index] { filed[key] = nil }
    keys[block.index] = nil
    return block
  }

  // MARK: Shared prefixes

  /// Finds the block with these contents and adds a reference to it.
  func findAndRetain(_ key: PrefixKey) -> BlockID? {
    guard let block = filed[key] else { return nil }
    retain(block)
    return block
  }

  /// Files the finished `block` under its contents.
  ///
  /// - Returns: The block to use from now on. It is another one if the same contents were filed before: the
  ///   caller's reference has then moved to it, and `block` has been released.
  func file(_ block: BlockID, as key: PrefixKey) -> BlockID {
    precondition(references[block.index] > 0, "\(block) is filed, but nobody holds it")
    precondition(keys[block.index] == nil, "\(block) is filed twice")
    if let earlier = findAndRetain(key) {
      release(block)
      return earlier
    }
    let kept = key.detached()
    filed[kept] = block
    keys[block.index] = kept
    return block
  }

  // MARK: Checking

  /// Traps unless every block is in exactly one state and every filed prefix is complete.
  ///
  /// - Complexity: O(`capacity`); for tests.
  package func checkInvariants() {
    var seenFree = Set<BlockID>()
    for block in free {
      precondition(seenFree.insert(block).inserted, "\(block) is free twice")
      precondition(references[block.index] == 0 && keys[block.index] == nil, "\(block) is free and in use")
    }
    for block in (0..<Int32(capacity)).map(BlockID.init(rawValue:)) {
      let (count, key) = (references[block.index], keys[block.index])
      let states = [seenFree.contains(block), cached.contains(block), count > 0].count { $0 }
      precondition(states == 1, "\(block) is in \(states) states, with \(count) references")
      guard let key else { continue }
      precondition(filed[key] == block, "\(block) has a key that finds \(String(describing: filed[key]))")
      guard let previous = key.previous else { continue }
      let complete = keys[previous.index]?.salt == key.salt
      precondition(complete, "\(block) continues \(previous), which is not filed")
      precondition(count <= references[previous.index], "\(block) has more owners than \(previous) before it")
    }
    precondition(filed.count == keys.count { $0 != nil }, "a key is filed for a block that lost it")
  }
}
