import Vocabulary

/// The pairs of neighbouring tokens that merge, the tokens that they become, and the order of the merges.
///
/// Open addressing over a hash that is seeded per process, so that a crafted vocabulary cannot make it slow.
struct MergeTable: Sendable {
  /// The rank of a merge in the upper 32 bits, the resulting token in the lower ones. Smaller entries merge
  /// earlier.
  typealias Entry = UInt64

  fileprivate struct Slot {
    /// The left token in the upper 32 bits, the right one in the lower ones; `empty` where there is nothing.
    var key = MergeTable.empty
    var entry: Entry = 0
  }

  fileprivate static let empty = UInt64.max
  private var slots: [Slot] = Array(repeating: Slot(), count: 16)
  private var shift: UInt64 = 60
  private var count = 0
  private let seed = UInt64.random(in: 0...UInt64.max) | 1

  init() {}

  /// Lends the table to `body` in a form whose look-ups count no references, for the loops that merge.
  @inline(__always)
  func withLookup<Result>(_ body: (MergeLookup) -> Result) -> Result {
    slots.withUnsafeBufferPointer { body(MergeLookup(slots: $0, shift: shift, seed: seed)) }
  }

  /// Makes merges from scores, so that one algorithm serves both kinds of tokenizer. A score belongs to a
  /// piece, not to a pair, so every way to cut a piece into two pieces is a merge with the piece's rank.
  init(scores: [Float], model: TokenizerModel, pieces: PieceTable) {
    let ranks = Self.ranks(of: scores)
    for id in 0..<model.count {
      model.piece(id).withUnsafeBufferPointer { bytes in
        guard pieces.find(bytes, in: model) == Int32(truncatingIfNeeded: id) else { return }
        for cut in bytes.indices.dropFirst() where !isContinuation(bytes[cut]) {
          guard let left = pieces.find(UnsafeBufferPointer(rebasing: bytes[..<cut]), in: model),
            let right = pieces.find(UnsafeBufferPointer(rebasing: bytes[cut...]), in: model)
          else { continue }
          set(left, right, UInt64(ranks[id]) << 32 | UInt64(id))
        }
      }
    }
  }

  /// - Throws: Where a merge names a token outside the vocabulary, or the joined bytes are no piece.
  init(merges: [TokenizerModel.Merge], model: TokenizerModel, pieces: PieceTable) throws(TokenizerError) {
    reserve(merges.count)
    let prefix = Array(model.header.continuingPrefix.utf8)
    var joined: [UInt8] = []
    for (rank, merge) in merges.enumerated() {
      for id in [merge.left, merge.right] where id >= model.count {
        throw .mergeOutOfRange(merge: rank, id: id, vocabulary: model.count)
      }
      joined.removeAll(keepingCapacity: true)
      joined += model.piece(Int(merge.left))
      let right = model.piece(Int(merge.right))
      joined += right.starts(with: prefix) ? right.dropFirst(prefix.count) : right
      guard let result = joined.withUnsafeBufferPointer({ pieces.find($0, in: model) }) else {
        throw .mergeWithoutPiece(merge: rank, left: merge.left, right: merge.right)
      }
      let (left, next) = (Int32(bitPattern: merge.left), Int32(bitPattern: merge.right))
      if find(left, next) == nil {
        set(left, next, UInt64(rank) << 32 | UInt64(UInt32(bitPattern: result)))
      }
    }
  }

  /// The merge of `left` and `right`, if they merge.
  func find(_ left: Int32, _ right: Int32) -> Entry? {
    let entry = withLookup { $0.find(left, right) }
    return entry == MergeLookup.none ? nil : entry
  }

  /// Sets the merge of a pair; a later one replaces an earlier one.
  private mutating func set(_ left: Int32, _ right: Int32, _ entry: Entry) {
    if 2 * count >= slots.count { resize(to: slots.count * 2) }
    let key = MergeLookup.key(left, right)
    var index = MergeLookup.index(of: key, seed, shift)
    while slots[index].key != key, slots[index].key != Self.empty { index = (index + 1) & (slots.count - 1) }
    if slots[index].key == Self.empty { count += 1 }
    slots[index] = Slot(key: key, entry: entry)
  }

  private mutating func reserve(_ merges: Int) {
    var capacity = slots.count
    while capacity < 2 * merges { capacity *= 2 }
    resize(to: capacity)
  }

  private mutating func resize(to capacity: Int) {
    let old = slots
    slots = Array(repeating: Slot(), count: capacity)
    shift = UInt64(64 - capacity.trailingZeroBitCount)
    for slot in old where slot.key != Self.empty {
      var index = MergeLookup.index(of: slot.key, seed, shift)
      while slots[index].key != Self.empty { index = (index + 1) & (capacity - 1) }
      slots[index] = slot
    }
  }

  /// 0 for the highest score; equal scores have equal ranks, so that position decides between them.
  private static func ranks(of scores: [Float]) -> [UInt32] {
    var ranks = Array(repeating: UInt32(0), count: scores.count)
    var rank: UInt32 = 0
    var previous: Int?
    for id in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
      if let previous, scores[previous] > scores[id] { rank += 1 }
      ranks[id] = rank
      previous = id
    }
    return ranks
  }
}

/// A ``MergeTable`` while it is lent.
struct MergeLookup {
  fileprivate let slots: UnsafeBufferPointer<MergeTable.Slot>
  fileprivate let shift: UInt64
  fileprivate let seed: UInt64

  /// Greater than every entry.
  static let none = MergeTable.Entry.max

  /// The merge of `left` and `right`; `none` where they do not merge.
  @inline(__always)
  func find(_ left: Int32, _ right: Int32) -> MergeTable.Entry {
    let key = Self.key(left, right)
    var index = Self.index(of: key, seed, shift)
    while true {
      let slot = slots[index]
      if slot.key == key { return slot.entry }
      if slot.key == MergeTable.empty { return Self.none }
      index = (index &+ 1) & (slots.count &- 1)
    }
  }

  @inline(__always)
  fileprivate static func index(of key: UInt64, _ seed: UInt64, _ shift: UInt64) -> Int {
    let product = key.multipliedFullWidth(by: seed)
    return Int(truncatingIfNeeded: (product.low ^ product.high) >> shift)
  }

  @inline(__always)
  fileprivate static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
