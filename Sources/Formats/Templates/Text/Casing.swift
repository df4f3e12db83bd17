/// Upper and lower case, by Unicode's full mappings, as Python has them.
enum Casing {
  static func upper(_ text: MarkedString) -> MarkedString {
    text.mapScalars { scalar, _ in scalar.properties.uppercaseMapping }
  }

  static func lower(_ text: MarkedString) -> MarkedString {
    text.mapScalars { scalar, offset in lower(scalar, at: offset, of: text) }
  }

  static func swapped(_ text: MarkedString) -> MarkedString {
    text.mapScalars { scalar, offset in
      if scalar.properties.isUppercase { return lower(scalar, at: offset, of: text) }
      return scalar.properties.isLowercase ? scalar.properties.uppercaseMapping : String(scalar)
    }
  }

  /// The first character in title case, the others in lower case.
  static func capitalized(_ text: MarkedString) -> MarkedString {
    text.mapScalars { scalar, offset in
      offset == 0 ? scalar.properties.titlecaseMapping : lower(scalar, at: offset, of: text)
    }
  }

  /// Each first cased character of a run of them in title case, as `str.title` has it.
  static func titled(_ text: MarkedString) -> MarkedString {
    var isInside = false
    return text.mapScalars { scalar, offset in
      defer { isInside = scalar.properties.isCased }
      return isInside ? lower(scalar, at: offset, of: text) : scalar.properties.titlecaseMapping
    }
  }

  /// What the filter `title` makes: words begin behind white space, hyphens and opening brackets.
  static func titledWords(_ text: MarkedString) -> MarkedString {
    var isInside = false
    return text.mapScalars { scalar, offset in
      let separates = scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
      defer { isInside = !separates }
      return isInside ? lower(scalar, at: offset, of: text) : scalar.properties.uppercaseMapping
    }
  }

  /// Whether `text` has cased characters, all of them of one case.
  static func isAll(_ text: MarkedString, upper: Bool) -> Bool {
    var found = false
    for scalar in text.text.unicodeScalars {
      let properties = scalar.properties
      if upper ? properties.isLowercase : properties.isUppercase { return false }
      if properties.generalCategory == .titlecaseLetter { return false }
      found = found || (upper ? properties.isUppercase : properties.isLowercase)
    }
    return found
  }

  private static func lower(_ scalar: Unicode.Scalar, at offset: Int, of text: MarkedString) -> String {
    guard scalar == "Σ" else { return scalar.properties.lowercaseMapping }
    return endsWord(at: offset, of: text) ? "ς" : "σ"
  }

  /// Whether letters stand before the sigma at `offset` and none behind it.
  private static func endsWord(at offset: Int, of text: MarkedString) -> Bool {
    var before = offset
    var isBehindLetter = false
    while before > 0 {
      let (scalar, length) = text.scalar(before: before)
      before -= length
      if scalar.properties.isCaseIgnorable { continue }
      isBehindLetter = scalar.properties.isCased
      break
    }
    var after = offset + 2
    while isBehindLetter, after < text.count {
      let (scalar, length) = text.scalar(at: after)
      after += length
      if scalar.properties.isCaseIgnorable { continue }
      return !scalar.properties.isCased
    }
    return isBehindLetter
  }
}
