/// Blocks in the order in which they became unused: a doubly linked list over two arrays of block numbers.
///
/// - Complexity: every operation is O(1) and allocates nothing.
struct RecencyList {
  private static let none: Int32 = -1
  private static let absent: Int32 = -2

  private var newer: [Int32]
  private var older: [Int32]
  private var oldest = none
  private var newest = none
  private(set) var count = 0

  init(capacity: Int) {
    newer = Array(repeating: Self.absent, count: capacity)
    older = Array(repeating: Self.absent, count: capacity)
  }

  func contains(_ block: BlockID) -> Bool { newer[block.index] != Self.absent }

  /// Adds `block` as the most recent one.
  mutating func append(_ block: BlockID) {
    precondition(!contains(block), "\(block) is already unused")
    newer[block.index] = Self.none
    older[block.index] = newest
    if newest == Self.none { oldest = block.rawValue } else { newer[Int(newest)] = block.rawValue }
    newest = block.rawValue
    count += 1
  }

  mutating func remove(_ block: BlockID) {
    precondition(contains(block), "\(block) is not among the unused blocks")
    let (before, after) = (older[block.index], newer[block.index])
    if before == Self.none { oldest = after } else { newer[Int(before)] = after }
    if after == Self.none { newest = before } else { older[Int(after)] = before }
    newer[block.index] = Self.absent
    older[block.index] = Self.absent
    count -= 1
  }

  /// Removes and returns the block that has been unused for longest.
  mutating func popOldest() -> BlockID? {
    guard oldest != Self.none else { return nil }
    let block = BlockID(rawValue: oldest)
    remove(block)
    return block
  }
}
