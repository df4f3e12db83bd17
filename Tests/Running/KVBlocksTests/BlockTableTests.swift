import KVBlocks
import TestSupport
import Testing

@Suite("Block table")
struct BlockTableTests {
  @Test("takes one block per started 64 tokens", arguments: [(0, 0), (1, 1), (64, 1), (65, 2), (640, 10)])
  func grows(tokens: Int, blocks: Int) {
    let pool = BlockPool(capacity: 10)
    var table = BlockTable(pool: pool, salt: salt(1))
    #expect(table.grow(toHold: tokens) == .grown)
    #expect(table.blocks.count == blocks && pool.heldCount == blocks)
  }

  @Test("takes nothing when the pool cannot give all")
  func growsAllOrNothing() {
    let pool = BlockPool(capacity: 2)
    var table = BlockTable(pool: pool, salt: salt(1))
    #expect(table.grow(toHold: 4 * 64) == .lacking(2))
    #expect(table.blocks.isEmpty && pool.availableCount == 2)
  }

  @Test("gives its blocks back when it ends")
  func releases() {
    let pool = BlockPool(capacity: 3)
    do {
      var table = BlockTable(pool: pool, salt: salt(1))
      #expect(table.grow(toHold: 3 * 64) == .grown)
      #expect(pool.availableCount == 0)
    }
    #expect(pool.availableCount == 3 && pool.cachedCount == 0)
  }

  @Test("shares the finished blocks of an equal prefix, and leaves a token to compute")
  func sharesPrefix() {
    let pool = BlockPool(capacity: 8)
    let tokens = prompt(blocks: 2, seed: 1)
    computeAndDrop(tokens, in: pool)
    #expect(reused(tokens + [7], in: pool) == 128)
    #expect(reused(tokens, in: pool, owner: 1) == 128)
    // Exactly two blocks: the second one must be computed, since the last token's logits are needed.
    let table = BlockTable(pool: pool, salt: salt(1), reusingPrefixOf: tokens)
    #expect(table.filedTokens == 64)
  }

  @Test("does not share with another uid or model version")
  func saltSeparates() {
    let pool = BlockPool(capacity: 8)
    let tokens = prompt(blocks: 2, seed: 1)
    computeAndDrop(tokens, in: pool)
    #expect(reused(tokens, in: pool, owner: 2) == 0)
    let newer = PrefixSalt(uid: 1, modelVersion: 2)
    let table = BlockTable(pool: pool, salt: newer, reusingPrefixOf: tokens + [0])
    #expect(table.filedTokens == 0)
  }

  @Test("does not share a block that follows another history")
  func historyMatters() {
    let pool = BlockPool(capacity: 8)
    let tail = prompt(blocks: 1, seed: 9)
    computeAndDrop(prompt(blocks: 1, seed: 1) + tail, in: pool)
    #expect(reused(prompt(blocks: 1, seed: 2) + tail, in: pool) == 0)
    #expect(reused(tail, in: pool) == 0)
  }

  @Test("two tables that computed the same prefix end up on the same blocks")
  func mergesDuplicates() {
    let pool = BlockPool(capacity: 8)
    let tokens = prompt(blocks: 2, seed: 1)
    var first = BlockTable(pool: pool, salt: salt(1), reusingPrefixOf: tokens)
    var second = BlockTable(pool: pool, salt: salt(1), reusingPrefixOf: tokens)
    #expect(first.grow(toHold: 128) == .grown && second.grow(toHold: 128) == .grown)
    #expect(Set(first.blocks).isDisjoint(with: second.blocks))
    first.fileFinished(of: tokens, computed: 128)
    second.fileFinished(of: tokens, computed: 128)
    #expect(first.blocks == second.blocks)
    #expect(pool.heldCount == 2 && pool.referenceCount(of: first.blocks[0]) == 2)
    pool.checkInvariants()
  }

  @Test("files nothing for an unfinished block")
  func unfinished() {
    let pool = BlockPool(capacity: 8)
    let tokens = prompt(blocks: 2, seed: 1)
    do {
      var table = BlockTable(pool: pool, salt: salt(1))
      #expect(table.grow(toHold: 127) == .grown)
      table.fileFinished(of: tokens, computed: 127)
      #expect(table.filedTokens == 64)
    }
    #expect(reused(tokens, in: pool) == 64)
    #expect(pool.cachedCount == 1)
  }
}
