/// Methods that ask what kinds of characters a text has.
extension StringMethods {
  static func isAll(_ method: StringMethod, _ text: MarkedString) -> Bool {
    switch method {
    case .islower: return Casing.isAll(text, upper: false)
    case .isupper: return Casing.isAll(text, upper: true)
    case .istitle: return isTitle(text)
    case .isascii: return text.isASCII
    case .isprintable: return text.text.unicodeScalars.allSatisfy(\.isPythonPrintable)
    default: return !text.isEmpty && text.text.unicodeScalars.allSatisfy { isOf(method, $0) }
    }
  }

  private static func isOf(_ method: StringMethod, _ scalar: Unicode.Scalar) -> Bool {
    let isDecimal = scalar.properties.generalCategory == .decimalNumber
    let isDigit = isDecimal || scalar.properties.numericType == .digit
    switch method {
    case .isspace: return scalar.isPythonSpace
    case .isdecimal: return isDecimal
    case .isdigit: return isDigit
    case .isnumeric: return scalar.properties.numericType != nil
    case .isalpha: return scalar.isPythonLetter
    default: return scalar.isPythonLetter || scalar.properties.numericType != nil
    }
  }

  /// Whether every word begins with an upper-case character, of which only lower-case ones follow.
  private static func isTitle(_ text: MarkedString) -> Bool {
    var (isInside, found) = (false, false)
    for scalar in text.text.unicodeScalars {
      let properties = scalar.properties
      if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
        if isInside { return false }
        (isInside, found) = (true, true)
      } else if properties.isLowercase {
        if !isInside { return false }
      } else {
        isInside = false
      }
    }
    return found
  }
}

extension Unicode.Scalar {
  /// What Python's `str.isalpha` calls a letter.
  fileprivate var isPythonLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
