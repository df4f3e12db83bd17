import Vocabulary

/// Sentencepiece's unigram model: of all ways to cut a text into pieces, the one whose log-probabilities add up to the most.
struct UnigramModel: Sendable {
  private let trie: ByteTrie
  private let scores: [Double]
  /// What a character costs that no piece covers.
  private let unknownScore: Double
  /// The slots that hold the best scores of the places ahead: more than the longest piece has bytes, a power of two.
  private let window: Int

  /// - Parameter model: A model whose offsets have been checked.
  init(_ model: TokenizerModel, scores: [Double]) {
    var trie = ByteTrie(pieces: model)
    // `tokenizers` finds the literals of bytes in text as well.
    for id in 0..<model.count where model.types[id] == .byte {
      trie.insert(model.piece(id), id: Int32(truncatingIfNeeded: id))
    }
    self.trie = trie
    self.scores = scores
    unknownScore = (scores.min() ?? 0) - 10
    let longest = (0..<model.count).map { model.piece($0).count }.max() ?? 0
    var window = 8
    while window <= longest { window *= 2 }
    self.window = window
  }

  /// A piece on the best way, by its end: its first byte and its token, −1 for a character that no piece covers.
  struct Step {
    var length: Int32 = 0
    var id: Int32 = -1
  }

  /// The pieces of `text` in order, as ranges and tokens.
  ///
  /// - Complexity: O(bytes · longest piece); eight bytes of memory a byte.
  func pieces(of text: UnsafeBufferPointer<UInt8>) -> [(range: Range<Int>, id: Int32)] {
    let steps = bestSteps(text)
    var pieces: [(range: Range<Int>, id: Int32)] = []
    var end = text.count
    while end > 0 {
      let start = end - Int(steps[end].length)
      pieces.append((start..<end, steps[end].id))
      end = start
    }
    pieces.reverse()
    return pieces
  }

  private func bestSteps(_ text: UnsafeBufferPointer<UInt8>) -> [Step] {
    var steps = [Step](repeating: Step(), count: text.count + 1)
    var best = [Double](repeating: 0, count: window)
    func offer(_ score: Double, _ id: Int32, from start: Int, to end: Int) {
      let slot = end & (window - 1)
      if steps[end].length == 0 || score > best[slot] {
        best[slot] = score
        steps[end] = Step(length: Int32(truncatingIfNeeded: end - start), id: id)
      }
    }
    var start = 0
    while start < text.count {
      let here = best[start & (window - 1)]
      let length = decodeScalar(text, at: start).length
      var coversOne = false
      var (node, end) = (ByteTrie.root, start)
      while end < text.count, let child = trie[node, text[end]] {
        (node, end) = (child, end + 1)
        let id = trie.id(at: node)
        guard id >= 0 else { continue }
        offer(scores[Int(id)] + here, id, from: start, to: end)
        coversOne = coversOne || end == start + length
      }
      if !coversOne { offer(unknownScore + here, -1, from: start, to: start + length) }
      start += length
    }
    return steps
  }
}
