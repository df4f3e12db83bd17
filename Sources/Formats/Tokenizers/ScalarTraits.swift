/// What patterns and steps ask of a Unicode scalar, in one byte: its general category and what is a word or white space.
struct ScalarTraits {
  let rawValue: UInt8

  /// The general categories by number; the letters are what patterns write: `\p{Lu}`.
  static let categories = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf",
    "Po",
    "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  init(rawValue: UInt8) { self.rawValue = rawValue }

  @inline(__always)
  init(_ value: UInt32) {
    switch value >> 16 {
    case 0: rawValue = Self.basic[Int(value)]
    case 1: rawValue = Self.supplementary[Int(value & 0xffff)]
    default: rawValue = Self.look(up: value)
    }
  }

  /// The number in ``categories``.
  var category: UInt8 { rawValue & 31 }
  /// `White_Space`.
  var isSpace: Bool { rawValue & 32 != 0 }
  /// Letters, marks, decimal and letter numbers, connectors and other alphabetics: `\w` in `tokenizers`' own steps.
  var isWord: Bool { rawValue & 64 != 0 }
  /// `\w` in the patterns of files, which Oniguruma reads: the superscripts and fractions of Latin-1 too.
  var isPatternWord: Bool { rawValue & 192 != 0 }
  var isLetter: Bool { category < 5 }
  var isMark: Bool { (5...7).contains(category) }
  var isNumber: Bool { (8...10).contains(category) }

  // Each plane is looked up at the first use of one of its scalars, some milliseconds; a scalar alone takes two searches.
  nonisolated(unsafe) private static let basic = table(ofPlane: 0)
  nonisolated(unsafe) private static let supplementary = table(ofPlane: 1)

  private static func table(ofPlane plane: UInt32) -> UnsafePointer<UInt8> {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 << 16)
    for value in 0..<UInt32(1 << 16) { table[Int(value)] = look(up: plane << 16 | value) }
    return UnsafePointer(table)
  }

  private static func look(up value: UInt32) -> UInt8 {
    guard let properties = Unicode.Scalar(value)?.properties else { return 27 }
    let category = number(of: properties.generalCategory)
    let isWord = category < 10 || category == 11 || properties.isAlphabetic
    let isPatternWord = value < 0x100 && category == 10
    return category | (properties.isWhitespace ? 32 : 0) | (isWord ? 64 : 0) | (isPatternWord ? 128 : 0)
  }

  private static func number(of category: Unicode.GeneralCategory) -> UInt8 {
    switch category {
    case .uppercaseLetter: 0
    case .lowercaseLetter: 1
    case .titlecaseLetter: 2
    case .modifierLetter: 3
    case .otherLetter: 4
    case .nonspacingMark: 5
    case .spacingMark: 6
    case .enclosingMark: 7
    case .decimalNumber: 8
    case .letterNumber: 9
    case .otherNumber: 10
    case .connectorPunctuation: 11
    case .dashPunctuation: 12
    case .openPunctuation: 13
    case .closePunctuation: 14
    case .initialPunctuation: 15
    case .finalPunctuation: 16
    case .otherPunctuation: 17
    case .mathSymbol: 18
    case .currencySymbol: 19
    case .modifierSymbol: 20
    case .otherSymbol: 21
    case .spaceSeparator: 22
    case .lineSeparator: 23
    case .paragraphSeparator: 24
    case .control: 25
    case .format: 26
    case .surrogate: 27
    case .privateUse: 28
    case .unassigned: 29
    @unknown default: 29
    }
  }
}
