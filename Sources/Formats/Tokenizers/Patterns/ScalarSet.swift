/// A set of Unicode scalars, as a class of a pattern describes it.
indirect enum ScalarSet: Sendable {
  case range(ClosedRange<UInt32>)
  /// Ascending ranges that neither touch nor overlap; ``flattened`` makes them.
  case ranges([ClosedRange<UInt32>])
  /// General categories, as bits by ``ScalarTraits/category``.
  case categories(UInt32)
  case space, word
  case union([ScalarSet])
  case intersection(ScalarSet, ScalarSet)
  case not(ScalarSet)
  /// What equals a member without regard to case.
  case folded(ScalarSet)

  static let any = ScalarSet.range(0...0x10ffff)

  func holds(_ value: UInt32) -> Bool { holds(value, ScalarTraits(value)) }

  /// The same where the traits of `value` are known.
  func holds(_ value: UInt32, _ traits: ScalarTraits) -> Bool {
    switch self {
    case .range(let range): range.contains(value)
    case .ranges(let ranges): Self.search(ranges, value)
    case .categories(let mask): mask >> UInt32(traits.category) & 1 != 0
    case .space: traits.isSpace
    case .word: traits.isPatternWord
    case .union(let sets): sets.contains { $0.holds(value, traits) }
    case .intersection(let left, let right): left.holds(value, traits) && right.holds(value, traits)
    case .not(let set): !set.holds(value, traits)
    case .folded(let set):
      set.holds(value, traits) || LetterCase.variants(of: value).contains { set.holds($0) }
    }
  }

  /// The same set with its ranges and categories gathered, so that long classes are searched, not walked through, and with
  /// the letters of another case as members.
  var flattened: ScalarSet {
    switch self {
    case .range, .ranges, .categories, .space, .word: return self
    case .not(let set): return .not(set.flattened)
    case .folded(let set):
      let set = set.flattened
      let folded = LetterCase.cased.filter { $0.variants.contains { set.holds($0) } }
      return ScalarSet.union([set] + folded.map { .single($0.scalar) }).flattened
    case .intersection(let left, let right): return .intersection(left.flattened, right.flattened)
    case .union(let sets):
      var (ranges, mask, others): ([ClosedRange<UInt32>], UInt32, [ScalarSet]) = ([], 0, [])
      for set in sets.map(\.flattened) {
        switch set {
        case .range(let range): ranges.append(range)
        case .ranges(let more): ranges += more
        case .categories(let bits): mask |= bits
        default: others.append(set)
        }
      }
      if mask != 0 { others.insert(.categories(mask), at: 0) }
      if !ranges.isEmpty { others.append(.ranges(Self.merged(ranges))) }
      return others.count == 1 ? others[0] : .union(others)
    }
  }

  private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  private static func search(_ ranges: [ClosedRange<UInt32>], _ value: UInt32) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) >> 1
      if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= value
  }

  static func single(_ value: UInt32) -> ScalarSet { .range(value...value) }
}

/// A set whose ASCII members are looked up, and the others' ranges searched.
struct CompiledSet: Sendable {
  private let low: UInt64
  private let high: UInt64
  let set: ScalarSet

  init(_ set: ScalarSet) {
    let set = set.flattened
    self.set = set
    low = (0..<64).reduce(0) { $0 | (set.holds(UInt32($1)) ? 1 << UInt64($1) : 0) }
    high = (0..<64).reduce(0) { $0 | (set.holds(UInt32($1 + 64)) ? 1 << UInt64($1) : 0) }
  }

  @inline(__always)
  func holds(_ value: UInt32) -> Bool {
    if value < 64 { return low >> UInt64(value) & 1 != 0 }
    if value < 128 { return high >> UInt64(value - 64) & 1 != 0 }
    return set.holds(value)
  }
}
