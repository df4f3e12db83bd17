import Vocabulary

/// BERT's model: the longest piece that a word begins with, then the longest continuation, and so on.
struct WordPieceModel: Sendable {
  private let trie: ByteTrie
  /// Where the pieces that continue a word begin in `trie`; nil where there are none.
  private let continuation: Int32?
  private let longestWord: Int

  /// - Parameter model: A model whose offsets have been checked.
  init(_ model: TokenizerModel) {
    let trie = ByteTrie(pieces: model)
    var node: Int32? = ByteTrie.root
    for byte in model.header.continuingPrefix.utf8 { node = node.flatMap { trie[$0, byte] } }
    (self.trie, continuation, longestWord) = (trie, node, model.header.longestWord)
  }

  /// Appends the word's tokens; false, and nothing, where it is unknown as a whole.
  ///
  /// - Complexity: O(bytes · longest piece), and no more than `longestWord` characters are looked at.
  func encode(_ word: UnsafeBufferPointer<UInt8>, into ids: inout [TokenID]) -> Bool {
    guard !isTooLong(word) else { return false }
    let count = ids.count
    var start = 0
    while start < word.count {
      guard let (end, id) = longest(in: word, from: start) else {
        ids.removeSubrange(count...)
        return false
      }
      ids.append(TokenID(id))
      start = end
    }
    return true
  }

  private func isTooLong(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
    if word.count <= longestWord { return false }
    var count = 0
    for byte in word where !isContinuation(byte) {
      count += 1
      if count > longestWord { return true }
    }
    return false
  }

  private func longest(in word: UnsafeBufferPointer<UInt8>, from start: Int) -> (end: Int, id: Int32)? {
    guard var node = start == 0 ? ByteTrie.root : continuation else { return nil }
    var index = start
    var best: (end: Int, id: Int32)?
    while index < word.count, let child = trie[node, word[index]] {
      (node, index) = (child, index + 1)
      if trie.id(at: node) >= 0 { best = (index, trie.id(at: node)) }
    }
    return best
  }
}

extension ByteTrie {
  /// Of every piece that text can become. Where pieces are equal, a normal one is found, and of several the first.
  init(pieces model: TokenizerModel) {
    self.init()
    for type in [TokenizerModel.PieceType.normal, .userDefined] {
      for id in 0..<model.count where model.types[id] == type && model.isPiece(id) {
        insert(model.piece(id), id: Int32(truncatingIfNeeded: id))
      }
    }
  }
}
