/// Which branches were tried at which places, from a place on.
struct VisitedBranches {
  private let branches: Int
  private var base = 0
  /// The furthest place that has a mark; below `base` where none has.
  private var furthest = -1
  private var bits: [UInt64] = []

  init(branches: Int) { self.branches = branches }

  /// Marks a branch; false where it was marked.
  @inline(__always)
  mutating func insert(_ branch: Int, at place: Int) -> Bool {
    let bit = (place - base) * branches + branch
    while bit >> 6 >= bits.count { bits.append(0) }
    let mask = UInt64(1) << UInt64(bit & 63)
    guard bits[bit >> 6] & mask == 0 else { return false }
    bits[bit >> 6] |= mask
    furthest = max(furthest, place)
    return true
  }

  /// A match ended at `place`: branches that lie on its way are marked there and did not fail.
  mutating func succeed(at place: Int) {
    guard place <= furthest else { return }
    for branch in 0..<branches {
      let bit = (place - base) * branches + branch
      if bit >> 6 < bits.count { bits[bit >> 6] &= ~(1 << UInt64(bit & 63)) }
    }
  }

  /// Nothing before `place` will be asked any more.
  mutating func forget(before place: Int) {
    // Marks further on are kept: what failed there needs no second attempt.
    guard furthest <= place || bits.count > 4 && (furthest - place) * 2 < furthest - base else { return }
    guard furthest > place else { return reset(to: place) }
    let kept = (place - base) * branches
    var moved: [UInt64] = Array(repeating: 0, count: ((furthest - place + 1) * branches) >> 6 + 1)
    for bit in 0..<(furthest - place + 1) * branches {
      let old = bit + kept
      if old >> 6 < bits.count, bits[old >> 6] >> UInt64(old & 63) & 1 != 0 {
        moved[bit >> 6] |= 1 << UInt64(bit & 63)
      }
    }
    bits = moved
    base = place
  }

  /// Begins with another text.
  mutating func restart() { reset(to: 0) }

  private mutating func reset(to place: Int) {
    let used = furthest < base ? 0 : min(bits.count, ((furthest - base + 1) * branches) >> 6 + 1)
    for word in 0..<used { bits[word] = 0 }
    base = place
    furthest = -1
  }
}
