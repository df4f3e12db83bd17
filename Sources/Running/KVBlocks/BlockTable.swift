import Vocabulary

/// The blocks of one request, in token order: token `t` lives in `blocks[t / 64]`.
///
/// The table owns one reference per block and gives them back when it ends. It cannot be copied, so returning
/// the same blocks twice does not compile.
package struct BlockTable: ~Copyable {
  /// Whether a table got the blocks it asked for.
  package enum Growth: Equatable, Sendable {
    case grown
    /// The pool lacks this many blocks; the table is unchanged.
    case lacking(Int)
  }

  /// The blocks now. ``fileFinished(of:computed:)`` may replace an entry by another block with the same
  /// contents, so read them afresh for every step.
  package private(set) var blocks: [BlockID] = []

  private let pool: BlockPool
  private let salt: PrefixSalt
  private var filedCount = 0

  /// An empty table.
  package init(pool: BlockPool, salt: PrefixSalt) {
    self.pool = pool
    self.salt = salt
  }

  /// A table that starts with the longest cached prefix of `tokens`.
  ///
  /// At least the last token is left to compute, because its logits are not cached.
  package init(pool: BlockPool, salt: PrefixSalt, reusingPrefixOf tokens: [TokenID]) {
    self.init(pool: pool, salt: salt)
    for index in 0..<max(0, tokens.count - 1) / BlockPool.tokensPerBlock {
      let key = PrefixKey(salt: salt, previous: blocks.last, tokens: tokens, block: index)
      guard let block = pool.findAndRetain(key) else { break }
      blocks.append(block)
    }
    filedCount = blocks.count
  }

  deinit {
    // From the end, so that the beginning of a prefix is evicted after its end.
    for block in blocks.reversed() { pool.release(block) }
  }

  /// Tokens whose keys and values came from the cache or were filed in it.
  package var filedTokens: Int { filedCount * BlockPool.tokensPerBlock }

  /// Tokens that fit into the blocks held now.
  package var tokenCapacity: Int { blocks.count * BlockPool.tokensPerBlock }

  /// Takes the blocks that are missing for `tokens` tokens: all of them or none.
  package mutating func grow(toHold tokens: Int) -> Growth {
    let missing = BlockPool.blocks(holding: tokens) - blocks.count
    guard missing > 0 else { return .grown }
    guard missing <= pool.availableCount else { return .lacking(missing - pool.availableCount) }
    for _ in 0..<missing {
      guard let block = pool.allocate() else { preconditionFailure("the pool miscounts its blocks") }
      blocks.append(block)
    }
    return .grown
  }

  /// Lets other requests find the blocks that the first `computed` tokens fill.
  ///
  /// - Parameters:
  ///   - tokens: The request's tokens from the beginning; at least `computed`.
  ///   - computed: Tokens whose keys and values are written.
  package mutating func fileFinished(of tokens: [TokenID], computed: Int) {
    precondition(computed <= tokens.count, "\(computed) tokens computed of \(tokens.count)")
    precondition(computed <= tokenCapacity, "\(computed) tokens computed in \(blocks.count) blocks")
    while (filedCount + 1) * BlockPool.tokensPerBlock <= computed {
      let previous = filedCount == 0 ? nil : blocks[filedCount - 1]
      let key = PrefixKey(salt: salt, previous: previous, tokens: tokens, block: filedCount)
      blocks[filedCount] = pool.file(blocks[filedCount], as: key)
      filedCount += 1
    }
  }
}
