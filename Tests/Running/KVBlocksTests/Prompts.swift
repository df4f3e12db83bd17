import KVBlocks
import TestSupport
import Vocabulary

func salt(_ uid: UInt32) -> PrefixSalt { PrefixSalt(uid: uid, modelVersion: 1) }

/// Token numbers that fill `blocks` blocks.
func prompt(blocks: Int, seed: UInt64) -> [TokenID] {
  var random = SeededGenerator(seed: seed)
  return (0..<blocks * BlockPool.tokensPerBlock).map { _ in TokenID(.random(in: 0..<512, using: &random)) }
}

/// Runs a request over `tokens` to its end, which leaves its finished blocks in the cache.
func computeAndDrop(_ tokens: [TokenID], in pool: BlockPool) {
  var table = BlockTable(pool: pool, salt: salt(1), reusingPrefixOf: tokens)
  guard table.grow(toHold: tokens.count) == .grown else { return }
  table.fileFinished(of: tokens, computed: tokens.count)
}

/// Tokens of `tokens` that a new request, one token longer, would not have to compute.
func reused(_ tokens: [TokenID], in pool: BlockPool, owner: UInt32 = 1) -> Int {
  BlockTable(pool: pool, salt: salt(owner), reusingPrefixOf: tokens + [0]).filedTokens
}
