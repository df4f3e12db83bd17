/// The smallest of a row of keys that change: a tree in which each node holds the smallest of eight below it.
///
/// A change costs eight comparisons a level without a branch to guess, where a heap of as many keys guesses wrong at almost
/// every level.
struct MinimumTree {
  /// Greater than every key that counts.
  static let none = UInt64.max

  private static let fan = 8
  private var keys: [UInt64] = []
  /// Where each level begins in `keys`: the row itself, and at last the smallest key alone.
  private var levels: [Int] = []

  /// Begins anew with a row of `count` keys that are all ``none``.
  mutating func reset(count: Int) {
    levels.removeAll(keepingCapacity: true)
    var (size, end) = (count, 0)
    repeat {
      levels.append(end)
      size = (size + Self.fan - 1) / Self.fan
      end += size * Self.fan
    } while size > 1
    levels.append(end)
    keys.removeAll(keepingCapacity: true)
    keys.append(contentsOf: repeatElement(Self.none, count: end + 1))
  }

  /// Lends the keys to `body` in a form that counts no references and checks no bounds.
  @inline(__always)
  mutating func withKeys<Result>(_ body: (Keys) -> Result) -> Result {
    keys.withUnsafeMutableBufferPointer { keys in
      levels.withUnsafeBufferPointer { body(Keys(keys: keys, levels: $0)) }
    }
  }

  /// The keys while they are lent.
  struct Keys {
    fileprivate let keys: UnsafeMutableBufferPointer<UInt64>
    fileprivate let levels: UnsafeBufferPointer<Int>

    /// The smallest key, as of the last update.
    var minimum: UInt64 { keys[keys.count - 1] }

    /// A key of the row; what is written counts from the next update on.
    subscript(position: Int) -> UInt64 {
      get { keys[position] }
      nonmutating set { keys[position] = newValue }
    }

    /// Takes all keys into account.
    func update() {
      for level in 0..<levels.count - 1 {
        let size = (levels[level + 1] - levels[level]) / MinimumTree.fan
        for node in 0..<size { update(node, at: level) }
      }
    }

    /// Takes the keys at three places into account; that costs least where they are neighbours.
    @inline(__always)
    func update(_ left: Int, _ middle: Int, _ right: Int) {
      var (left, middle, right) = (left, middle, right)
      for level in 0..<levels.count - 1 {
        (left, middle, right) = (left / MinimumTree.fan, middle / MinimumTree.fan, right / MinimumTree.fan)
        update(middle, at: level)
        if left != middle { update(left, at: level) }
        if right != middle { update(right, at: level) }
      }
    }

    /// The smallest of the eight keys below a node, in pairs, so that comparisons do not wait for each other.
    @inline(__always)
    private func update(_ node: Int, at level: Int) {
      let first = levels[level] + node * MinimumTree.fan
      let low = min(min(keys[first], keys[first + 1]), min(keys[first + 2], keys[first + 3]))
      let high = min(min(keys[first + 4], keys[first + 5]), min(keys[first + 6], keys[first + 7]))
      keys[levels[level + 1] + node] = min(low, high)
    }
  }
}
