/// Classes of scalars that a pattern cannot tell apart, so that a table of transitions has a column for each class.
///
/// What a set says of a scalar follows from the scalar's traits and from where it lies between the ends of the sets' ranges.
/// So the classes are found without looking at all scalars, and a class is two look-ups.
struct ScalarClasses {
  /// The most classes and, together, the most places between ends of ranges.
  static let limit = 128
  static let intervalLimit = 1024

  /// Of each class the sets that hold its scalars, as bits.
  private(set) var members: [UInt64] = []
  /// The classes of ASCII.
  private(set) var ascii: [UInt8] = []
  /// Where the intervals begin between which no range ends, ascending from 0.
  private(set) var intervals: [UInt32] = []
  /// Of each interval the class for each of the 256 values of ``ScalarTraits``.
  private(set) var rows: [UInt8] = []

  /// Nil where there are more than 64 sets, or too many classes.
  init?(_ sets: [ScalarSet]) {
    guard sets.count <= 64 else { return nil }
    intervals = Set(sets.flatMap(\.bounds) + [0]).sorted()
    guard intervals.count <= Self.intervalLimit else { return nil }
    var numbers: [UInt64: UInt8] = [:]
    rows.reserveCapacity(intervals.count * 256)
    for start in intervals {
      for traits in UInt8.min...UInt8.max {
        // No category has the last two numbers.
        let traits = ScalarTraits(rawValue: traits & 31 < 30 ? traits : 29)
        let bits = Self.bits(of: start, traits, in: sets)
        if numbers[bits] == nil {
          guard members.count < Self.limit else { return nil }
          numbers[bits] = UInt8(members.count)
          members.append(bits)
        }
        rows.append(numbers[bits] ?? 0)
      }
    }
    ascii = (0..<128).map { (value: UInt32) in
      let interval = (intervals.firstIndex { $0 > value } ?? intervals.count) - 1
      return rows[interval * 256 + Int(ScalarTraits(value).rawValue)]
    }
  }

  private static func bits(of value: UInt32, _ traits: ScalarTraits, in sets: [ScalarSet]) -> UInt64 {
    var bits: UInt64 = 0
    for (index, set) in sets.enumerated() where set.holds(value, traits) { bits |= 1 << UInt64(index) }
    return bits
  }
}

extension ScalarSet {
  /// Where a scalar's membership can change although its traits do not.
  fileprivate var bounds: [UInt32] {
    switch self {
    case .range(let range): [range.lowerBound, range.upperBound + 1]
    case .ranges(let ranges): ranges.flatMap { [$0.lowerBound, $0.upperBound + 1] }
    case .categories, .space, .word: []
    case .union(let sets): sets.flatMap(\.bounds)
    case .intersection(let left, let right): left.bounds + right.bounds
    case .not(let set), .folded(let set): set.bounds
    }
  }
}
