import TestSupport
import Testing

@testable import Tokenizers

@Suite("Minimum tree")
struct MinimumTreeTests {
  @Test("has the smallest key after every change", arguments: [1, 2, 7, 8, 9, 63, 64, 65, 511, 513])
  func changes(count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    var tree = MinimumTree()
    tree.reset(count: count)
    var row = (0..<count).map { _ in random.next() }
    tree.withKeys { keys in
      #expect(keys.minimum == MinimumTree.none)
      for (position, key) in row.enumerated() { keys[position] = key }
      keys.update()
      #expect(keys.minimum == row.min())
      for _ in 0..<200 {
        let places = (0..<3).map { _ in Int.random(in: 0..<count, using: &random) }
        for place in places {
          row[place] = Bool.random(using: &random) ? MinimumTree.none : random.next()
          keys[place] = row[place]
        }
        keys.update(places[0], places[1], places[2])
        #expect(keys.minimum == row.min(), "\(count) keys, \(random)")
      }
    }
  }

  @Test("forgets the row before")
  func reset() {
    var tree = MinimumTree()
    tree.reset(count: 100)
    tree.withKeys { keys in
      keys[99] = 1
      keys.update()
      #expect(keys.minimum == 1)
    }
    tree.reset(count: 9)
    tree.withKeys { keys in
      keys.update()
      #expect(keys.minimum == MinimumTree.none)
    }
  }
}
