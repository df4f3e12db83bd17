/// A set of Unicode scalars, as a class of a pattern describes it.
indirect enum ScalarSet: Sendable {
  case range(ClosedRange<UInt32>)
  /// General categories, as bits by ``ScalarTraits/category``.
  case categories(UInt32)
  case space, word
  case union([ScalarSet])
  case intersection(ScalarSet, ScalarSet)
  case not(ScalarSet)
  /// What equals a member without regard to case.
  case folded(ScalarSet)

  static let any = ScalarSet.range(0...0x10ffff)

  func holds(_ value: UInt32) -> Bool {
    switch self {
    case .range(let range): range.contains(value)
    case .categories(let mask): mask >> UInt32(ScalarTraits(value).category) & 1 != 0
    case .space: ScalarTraits(value).isSpace
    case .word: ScalarTraits(value).isPatternWord
    case .union(let sets): sets.contains { $0.holds(value) }
    case .intersection(let left, let right): left.holds(value) && right.holds(value)
    case .not(let set): !set.holds(value)
    case .folded(let set): set.holds(value) || Self.variants(of: value).contains { set.holds($0) }
    }
  }

  /// How deep sets stand in each other; a parser's limit keeps it small.
  static func single(_ value: UInt32) -> ScalarSet { .range(value...value) }

  /// The simple case mappings of a scalar and theirs: by the lower one of the upper one `ſ` is an `s`, by the upper one of
  /// the lower one the Ångström sign is an `Å`.
  private static func variants(of value: UInt32) -> [UInt32] {
    let (lower, upper) = (lower(value), upper(value))
    return [lower, upper, lower.flatMap(self.upper), upper.flatMap(self.lower)].compactMap { $0 }
  }

  private static func lower(_ value: UInt32) -> UInt32? {
    Unicode.Scalar(value).flatMap { simple($0.properties.lowercaseMapping) }
  }

  private static func upper(_ value: UInt32) -> UInt32? {
    Unicode.Scalar(value).flatMap { simple($0.properties.uppercaseMapping) }
  }

  private static func simple(_ mapping: String) -> UInt32? {
    mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first?.value : nil
  }
}

/// A set whose ASCII members are looked up.
struct CompiledSet: Sendable {
  private let low: UInt64
  private let high: UInt64
  private let set: ScalarSet

  init(_ set: ScalarSet) {
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
