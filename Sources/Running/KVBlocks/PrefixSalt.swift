import Vocabulary

/// The owner of a cached prefix: only requests of the same uid on the same model version find each other's
/// blocks, so that no user can learn from the time of a request what another user asked.
package struct PrefixSalt: Hashable, Sendable {
  package let uid: UInt32
  package let modelVersion: UInt64

  package init(uid: UInt32, modelVersion: UInt64) {
    self.uid = uid
    self.modelVersion = modelVersion
  }
}

/// The contents of a finished block: its tokens, and the block before it, which stands for everything earlier.
///
/// Equality compares the tokens themselves, so a hash collision costs time and is never a wrong answer.
struct PrefixKey: Hashable {
  let salt: PrefixSalt
  let previous: BlockID?
  let tokens: ArraySlice<TokenID>

  /// The key of block number `index` of `tokens`, which `previous` precedes.
  init(salt: PrefixSalt, previous: BlockID?, tokens: [TokenID], block index: Int) {
    let start = index * BlockPool.tokensPerBlock
    self.salt = salt
    self.previous = previous
    self.tokens = tokens[start..<start + BlockPool.tokensPerBlock]
  }

  private init(salt: PrefixSalt, previous: BlockID?, owning tokens: ArraySlice<TokenID>) {
    self.salt = salt
    self.previous = previous
    self.tokens = ArraySlice(Array(tokens))
  }

  /// The same key with a copy of its 64 tokens, so that a key that is kept does not keep a whole prompt alive.
  func detached() -> Self { Self(salt: salt, previous: previous, owning: tokens) }
}
