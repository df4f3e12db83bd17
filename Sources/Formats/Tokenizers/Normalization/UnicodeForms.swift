/// Decompositions, compositions and combining classes of Unicode scalars.
///
/// The standard library normalizes whole strings canonically, not by compatibility, and knows other versions of Unicode from
/// release to release; token ids must not depend on that.
struct UnicodeForms: Sendable {
  static let shared = UnicodeForms()

  /// Full decompositions, one after another, and where each scalar's lies.
  private var mappings: [UInt32] = []
  private var canonical: [UInt32: Range<Int>] = [:]
  private var compatible: [UInt32: Range<Int>] = [:]
  private var compositions: [UInt64: UInt32] = [:]
  private var classes: [UInt32: UInt8] = [:]
  /// Scalars that compose with one in front of them.
  private var seconds: Set<UInt32> = []
  /// A bit for each scalar of the first three planes that has an entry in any table as the first of anything.
  private var marked = [UInt64](repeating: 0, count: Int(UnicodeForms.planes) / 64)

  private static let planes: UInt32 = 0x3_0000

  private init() {
    readDecompositions()
    readClasses()
  }

  /// Whether the scalar stays as it is and starts anew: no decomposition, class 0, and no composition with what is before.
  @inline(__always)
  func isPlain(_ value: UInt32) -> Bool {
    if value < 0xc0 { return value < 0xa0 }
    guard value < Self.planes else { return false }
    return marked[Int(value >> 6)] >> UInt64(value & 63) & 1 == 0
  }

  func combiningClass(_ value: UInt32) -> UInt8 { classes[value] ?? 0 }

  /// Whether a scalar of class 0 composes with some scalar in front of it.
  func composesBackward(_ value: UInt32) -> Bool {
    Hangul.isVowel(value) || Hangul.isTrail(value) || seconds.contains(value)
  }

  /// Calls `body` with the scalars of the full decomposition.
  func decompose(_ value: UInt32, compatibly: Bool, _ body: (UInt32) -> Void) {
    if Hangul.isSyllable(value) { return Hangul.decompose(value, body) }
    let range = (compatibly ? compatible[value] : nil) ?? canonical[value]
    guard let range else { return body(value) }
    for index in range { body(mappings[index]) }
  }

  /// The scalar that two become.
  func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    Hangul.compose(first, second) ?? compositions[UInt64(first) << 32 | UInt64(second)]
  }

  private mutating func readDecompositions() {
    var scalar: UInt32 = 0
    Self.forEachEntry(UnicodeFormsData.decompositions) { flag, numbers in
      scalar += numbers[0]
      let start = mappings.count
      mappings += numbers[1...]
      mark(scalar)
      if flag == UInt8(ascii: "~") {
        compatible[scalar] = start..<mappings.count
        return
      }
      canonical[scalar] = start..<mappings.count
    }
    // Shorter ones first: the last scalar composes with what the others compose into.
    let composites = composable.sorted { (canonical[$0]?.count ?? 0, $0) < (canonical[$1]?.count ?? 0, $1) }
    for scalar in composites { addComposition(scalar) }
  }

  private var composable: [UInt32] {
    var result: [UInt32] = []
    var scalar: UInt32 = 0
    Self.forEachEntry(UnicodeFormsData.decompositions) { flag, numbers in
      scalar += numbers[0]
      if flag == UInt8(ascii: "=") { result.append(scalar) }
    }
    return result
  }

  private mutating func addComposition(_ scalar: UInt32) {
    guard let range = canonical[scalar], var first = range.first.map({ mappings[$0] }) else { return }
    for index in range.dropFirst().dropLast() {
      guard let next = compose(first, mappings[index]) else { return }
      first = next
    }
    let second = mappings[range.upperBound - 1]
    compositions[UInt64(first) << 32 | UInt64(second)] = scalar
    seconds.insert(second)
    mark(second)
  }

  private mutating func readClasses() {
    var start: UInt32 = 0
    Self.forEachEntry(UnicodeFormsData.classes) { _, numbers in
      start += numbers[0]
      for scalar in start..<start + numbers[1] {
        classes[scalar] = UInt8(truncatingIfNeeded: numbers[2])
        mark(scalar)
      }
    }
    for scalar in Hangul.marked { mark(scalar) }
  }

  private mutating func mark(_ scalar: UInt32) {
    if scalar < Self.planes { marked[Int(scalar >> 6)] |= 1 << UInt64(scalar & 63) }
  }

  /// Words of hexadecimal numbers; the first character between numbers that is no comma is the flag.
  private static func forEachEntry(_ data: StaticString, _ body: (UInt8, [UInt32]) -> Void) {
    var (flag, numbers, number) = (UInt8(0), [UInt32](), UInt32(0))
    data.withUTF8Buffer { bytes in
      for byte in bytes {
        switch byte {
        case 0x30...0x39: number = number << 4 | UInt32(byte - 0x30)
        case 0x41...0x46: number = number << 4 | UInt32(byte - 0x37)
        default:
          numbers.append(number)
          number = 0
          if byte == UInt8(ascii: " ") {
            body(flag, numbers)
            numbers.removeAll(keepingCapacity: true)
          } else if byte != UInt8(ascii: ",") {
            flag = byte
          }
        }
      }
    }
    numbers.append(number)
    body(flag, numbers)
  }
}

/// The syllables of Hangul, which compose by arithmetic (Unicode 3.12).
enum Hangul {
  private static let (syllables, leads, vowels, trails): (UInt32, UInt32, UInt32, UInt32) = (
    0xac00, 0x1100, 0x1161, 0x11a7
  )
  private static let (vowelCount, trailCount, count): (UInt32, UInt32, UInt32) = (21, 28, 11172)

  /// Scalars that take part.
  static let marked =
    Array(syllables..<syllables + count) + Array(vowels..<vowels + vowelCount)
    + Array(trails + 1..<trails + trailCount)

  static func isSyllable(_ value: UInt32) -> Bool { value >= syllables && value - syllables < count }
  static func isVowel(_ value: UInt32) -> Bool { value >= vowels && value - vowels < vowelCount }
  static func isTrail(_ value: UInt32) -> Bool { value > trails && value - trails < trailCount }

  static func decompose(_ value: UInt32, _ body: (UInt32) -> Void) {
    let index = value - syllables
    body(leads + index / (vowelCount * trailCount))
    body(vowels + index / trailCount % vowelCount)
    if index % trailCount > 0 { body(trails + index % trailCount) }
  }

  static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= leads, first - leads < 19, isVowel(second) {
      return syllables + ((first - leads) * vowelCount + second - vowels) * trailCount
    }
    guard isSyllable(first), (first - syllables) % trailCount == 0, isTrail(second) else { return nil }
    return first + second - trails
  }
}
