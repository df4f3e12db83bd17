/// The general category of a scalar as of Unicode 8. `tokenizers` asks a table of that version for punctuation and in BERT's
/// normalizer, so scalars that came later are neither punctuation, nor marks, nor controls there.
struct Unicode8Category {
  /// By the numbers of ``ScalarTraits/categories``.
  private let number: UInt8

  init(_ value: UInt32) { self.init(value, ScalarTraits(value)) }

  /// The same where the traits of `value` are known.
  init(_ value: UInt32, _ traits: ScalarTraits) {
    switch traits.category {
    case _ where value < 0x80: number = traits.category
    case 4, 21: number = Self.changed(value) ?? traits.category
    // Of these something is asked; the age takes a search.
    case 5...7, 11...17, 25...28: number = Self.changed(value) ?? Self.aged(value, traits.category)
    default: number = traits.category
    }
  }

  var isPunctuation: Bool { (11...17).contains(number) }
  var isNonspacingMark: Bool { number == 5 }
  /// Control, format, surrogate, private use.
  var isOther: Bool { (25...28).contains(number) }

  private static let unassigned: UInt8 = 29

  private static func aged(_ value: UInt32, _ category: UInt8) -> UInt8 {
    guard let age = Unicode.Scalar(value)?.properties.age, (age.major, age.minor) <= (8, 0) else {
      return unassigned
    }
    return category
  }

  /// Those that a later version put elsewhere, of all that are asked for.
  private static func changed(_ value: UInt32) -> UInt8? {
    switch value {
    case 0x166d, 0x111c9: 17
    case 0x1734, 0x1171e: 5
    case 0x1885, 0x1886: 4
    case 0xa9bd: 6
    default: nil
    }
  }
}
