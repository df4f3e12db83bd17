import KVBlocks
import TestSupport
import Testing
import Vocabulary

@Suite("Block pool")
struct BlockPoolTests {
  @Test("hands out every block once and then none")
  func exhausts() {
    let pool = BlockPool(capacity: 3)
    let blocks = (0..<3).compactMap { _ in pool.allocate() }
    #expect(Set(blocks).count == 3)
    #expect(pool.allocate() == nil)
    #expect(pool.heldCount == 3 && pool.availableCount == 0)
    pool.checkInvariants()
  }

  @Test("frees a block with its last reference")
  func countsReferences() throws {
    let pool = BlockPool(capacity: 1)
    let block = try #require(pool.allocate())
    pool.retain(block)
    pool.release(block)
    #expect(pool.referenceCount(of: block) == 1 && pool.availableCount == 0)
    pool.release(block)
    #expect(pool.availableCount == 1 && pool.cachedCount == 0)
    pool.checkInvariants()
  }

  @Test("a pool without blocks is legal and always exhausted")
  func empty() {
    let pool = BlockPool(capacity: 0)
    #expect(pool.allocate() == nil)
    pool.checkInvariants()
  }

  @Test("evicts the prefix that was unused for longest, its end first")
  func evictsOldest() {
    let pool = BlockPool(capacity: 4)
    let (first, second) = (prompt(blocks: 2, seed: 1), prompt(blocks: 2, seed: 2))
    computeAndDrop(first, in: pool)
    computeAndDrop(second, in: pool)
    #expect(pool.cachedCount == 4)

    var other = BlockTable(pool: pool, salt: salt(1))
    #expect(other.grow(toHold: 64) == .grown)  // evicts the end of `first`
    #expect(reused(first, in: pool) == 64)
    #expect(reused(second, in: pool) == 128)
    pool.checkInvariants()
  }

  @Test("finding a prefix makes it recent again")
  func touches() {
    let pool = BlockPool(capacity: 4)
    let (first, second) = (prompt(blocks: 2, seed: 1), prompt(blocks: 2, seed: 2))
    computeAndDrop(first, in: pool)
    computeAndDrop(second, in: pool)
    #expect(reused(first, in: pool) == 128)

    var other = BlockTable(pool: pool, salt: salt(1))
    #expect(other.grow(toHold: 128) == .grown)
    #expect(reused(first, in: pool) == 128)
    #expect(reused(second, in: pool) == 0)
  }

  @Test("stays consistent over random schedules", arguments: 1...8)
  func randomSchedules(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pool = BlockPool(capacity: 24)
    let holders = (0..<6).map { _ in Holder() }
    for _ in 0..<1500 {
      let holder = holders[Int.random(in: 0..<6, using: &random)]
      switch Int.random(in: 0..<4, using: &random) {
      case 0: holder.start(in: pool, choosing: &random)
      case 1, 2: holder.advance(by: Int.random(in: 1...100, using: &random))
      default: holder.stop()
      }
      pool.checkInvariants()
      #expect(pool.heldCount <= holders.reduce(0) { $0 + $1.blockCount }, "\(random)")
    }
    for holder in holders { holder.stop() }
    #expect(pool.availableCount == 24, "\(random)")
  }
}

/// One request of a random schedule; prompts share prefixes because they are cut from few long ones.
private final class Holder {
  private struct Slot: ~Copyable { var table: BlockTable }
  private var slot: Slot?
  private var tokens: [TokenID] = []
  private var computed = 0

  var blockCount: Int { slot?.table.blocks.count ?? 0 }

  func start(in pool: BlockPool, choosing random: inout SeededGenerator) {
    let length = Int.random(in: 1...400, using: &random)
    tokens = Array(prompt(blocks: 7, seed: UInt64.random(in: 1...3, using: &random)).prefix(length))
    let owner = UInt32.random(in: 1...2, using: &random)
    slot = nil
    slot = Slot(table: BlockTable(pool: pool, salt: salt(owner), reusingPrefixOf: tokens))
    computed = slot?.table.filedTokens ?? 0
  }

  func advance(by count: Int) {
    let target = min(tokens.count, computed + count)
    guard slot?.table.grow(toHold: target) == .grown else { return }
    slot?.table.fileFinished(of: tokens, computed: target)
    computed = target
  }

  func stop() { slot = nil }
}
