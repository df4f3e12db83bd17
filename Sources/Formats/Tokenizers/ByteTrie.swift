/// Finds all texts of a set that begin at a place, in one walk over the bytes there.
///
/// Edges lie in one open-addressing table keyed by node and byte, over a hash that is seeded per process, so that a crafted
/// vocabulary cannot make it slow.
struct ByteTrie: Sendable {
  /// Of each slot: node · 256 + byte, or `empty`.
  private var keys: [UInt64]
  private var children: [Int32]
  /// Of each node: the id of the text that ends there, −1 where none does.
  private var ids: [Int32] = [-1]
  private var shift: UInt64
  private let seed = UInt64.random(in: 0...UInt64.max) | 1
  /// The bytes that a text can begin with.
  private(set) var isFirst = [Bool](repeating: false, count: 256)

  private static let empty = UInt64.max

  static let root: Int32 = 0

  init() {
    keys = Array(repeating: Self.empty, count: 16)
    children = Array(repeating: 0, count: 16)
    shift = 60
  }

  var isEmpty: Bool { ids.count == 1 }

  /// Of equal texts the first keeps its id.
  mutating func insert(_ text: some Collection<UInt8>, id: Int32) {
    guard let first = text.first else { return }
    isFirst[Int(first)] = true
    var node = Self.root
    for byte in text { node = self[node, byte] ?? add(byte, to: node) }
    if ids[Int(node)] < 0 { ids[Int(node)] = id }
  }

  /// The node that `byte` leads to.
  @inline(__always)
  subscript(node: Int32, byte: UInt8) -> Int32? {
    let key = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
    var slot = index(of: key)
    while keys[slot] != key {
      if keys[slot] == Self.empty { return nil }
      slot = (slot + 1) & (keys.count - 1)
    }
    return children[slot]
  }

  /// The id of the text that ends at `node`, −1 where none does.
  @inline(__always)
  func id(at node: Int32) -> Int32 { ids[Int(node)] }

  private func index(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* seed) >> shift)
  }

  private mutating func add(_ byte: UInt8, to node: Int32) -> Int32 {
    if ids.count * 2 > keys.count { grow() }
    let child = Int32(truncatingIfNeeded: ids.count)
    ids.append(-1)
    put(UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte), child)
    return child
  }

  private mutating func put(_ key: UInt64, _ child: Int32) {
    var slot = index(of: key)
    while keys[slot] != Self.empty { slot = (slot + 1) & (keys.count - 1) }
    keys[slot] = key
    children[slot] = child
  }

  private mutating func grow() {
    let (oldKeys, oldChildren) = (keys, children)
    keys = Array(repeating: Self.empty, count: oldKeys.count * 2)
    children = Array(repeating: 0, count: oldKeys.count * 2)
    shift -= 1
    for (key, child) in zip(oldKeys, oldChildren) where key != Self.empty { put(key, child) }
  }
}
