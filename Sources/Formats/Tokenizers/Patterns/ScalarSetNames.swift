/// The names of sets that patterns write as `\p{name}` and `[:name:]`.
extension ScalarSet {
  /// - Returns: nil where the name is unknown.
  init?(named name: String) {
    let key = name.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" }
    if let mask = Self.mask(key) {
      self = .categories(mask)
    } else if let set = Self.properties[key] {
      self = set
    } else {
      return nil
    }
  }

  /// `[:name:]`.
  static func posix(_ name: String) -> ScalarSet? {
    switch name {
    case "digit": .categories(1 << 8)
    case "space": .space
    case "punct":
      .union([.categories(0x7f << 11), .union("$+<=>^`|~".unicodeScalars.map { .single($0.value) })])
    case "cntrl": .categories(1 << 25)
    case "word": .word
    case "xdigit": hexDigits
    case "ascii": .range(0...0x7f)
    case "blank": .union([.categories(1 << 22), .single(9)])
    default: nil
    }
  }

  static let hexDigits = ScalarSet.union([.range(0x30...0x39), .range(0x41...0x46), .range(0x61...0x66)])

  private static func mask(_ key: String) -> UInt32? {
    if let mask = longNames[key] { return mask }
    var mask: UInt32 = 0
    for (index, category) in ScalarTraits.categories.enumerated() {
      let short = category.lowercased()
      if key == short || key.count == 1 && short.hasPrefix(key) { mask |= 1 << UInt32(index) }
    }
    return mask == 0 ? nil : mask
  }

  private static let longNames: [String: UInt32] = [
    "letter": 0b11111, "uppercaseletter": 1, "lowercaseletter": 2, "titlecaseletter": 4, "casedletter": 7,
    "l&": 7, "lc": 7, "modifierletter": 8, "otherletter": 16, "mark": 7 << 5, "nonspacingmark": 1 << 5,
    "spacingmark": 1 << 6, "enclosingmark": 1 << 7, "number": 7 << 8, "decimalnumber": 1 << 8,
    "letternumber": 1 << 9, "othernumber": 1 << 10, "punctuation": 0x7f << 11,
    "connectorpunctuation": 1 << 11, "dashpunctuation": 1 << 12, "openpunctuation": 1 << 13,
    "closepunctuation": 1 << 14, "initialpunctuation": 1 << 15, "finalpunctuation": 1 << 16,
    "otherpunctuation": 1 << 17, "symbol": 0xf << 18, "mathsymbol": 1 << 18, "currencysymbol": 1 << 19,
    "modifiersymbol": 1 << 20, "othersymbol": 1 << 21, "separator": 7 << 22, "spaceseparator": 1 << 22,
    "lineseparator": 1 << 23, "paragraphseparator": 1 << 24, "other": 0x1f << 25, "control": 1 << 25,
    "format": 1 << 26, "surrogate": 1 << 27, "privateuse": 1 << 28, "unassigned": 1 << 29,
  ]

  private static let properties: [String: ScalarSet] = [
    "any": any, "ascii": .range(0...0x7f), "space": .space, "whitespace": .space, "word": .word,
    "digit": .categories(1 << 8),
    "han": .ranges([
      0x2e80...0x2e99, 0x2e9b...0x2ef3, 0x2f00...0x2fd5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029,
      0x3038...0x303b, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfa6d, 0xfa70...0xfad9,
      0x16fe2...0x16fe3, 0x16ff0...0x16ff1, 0x20000...0x2a6df, 0x2a700...0x2b739, 0x2b740...0x2b81d,
      0x2b820...0x2cea1, 0x2ceb0...0x2ebe0, 0x2ebf0...0x2ee5d, 0x2f800...0x2fa1d, 0x30000...0x3134a,
      0x31350...0x323af,
    ]),
    "hiragana": .ranges([
      0x3041...0x3096, 0x309d...0x309f, 0x1b001...0x1b11f, 0x1b132...0x1b132, 0x1b150...0x1b152,
      0x1f200...0x1f200,
    ]),
    "katakana": .ranges([
      0x30a1...0x30fa, 0x30fd...0x30ff, 0x31f0...0x31ff, 0x32d0...0x32fe, 0x3300...0x3357, 0xff66...0xff6f,
      0xff71...0xff9d, 0x1aff0...0x1aff3, 0x1aff5...0x1affb, 0x1affd...0x1affe, 0x1b000...0x1b000,
      0x1b120...0x1b122, 0x1b155...0x1b155, 0x1b164...0x1b167,
    ]),
    "hangul": .ranges([
      0x1100...0x11ff, 0x302e...0x302f, 0x3131...0x318e, 0x3200...0x321e, 0x3260...0x327e, 0xa960...0xa97c,
      0xac00...0xd7a3, 0xd7b0...0xd7c6, 0xd7cb...0xd7fb, 0xffa0...0xffbe, 0xffc2...0xffc7, 0xffca...0xffcf,
      0xffd2...0xffd7, 0xffda...0xffdc,
    ]),
  ]

}
