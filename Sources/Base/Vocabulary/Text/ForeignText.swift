extension Unicode.Scalar {
  /// Whether a terminal obeys the character instead of showing it: control characters, and those that change the direction
  /// of the text behind them.
  package var drivesTerminal: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension String {
  /// The text, made safe to print within one line.
  ///
  /// It is for words from outside, such as the name of a class or a file: line ends and tabs become spaces, and characters
  /// that a terminal obeys become U+FFFD. Most texts stay as they are.
  package var oneLine: String {
    guard unicodeScalars.contains(where: { $0.drivesTerminal || $0.endsLine }) else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.map(\.inOneLine)))
  }
}

extension Unicode.Scalar {
  /// The line and paragraph separators of Unicode, beside the control characters that do the same.
  fileprivate var endsLine: Bool { value == 0x2028 || value == 0x2029 }

  fileprivate var inOneLine: Unicode.Scalar {
    switch self {
    case "\n", "\r", "\t", "\u{2028}", "\u{2029}": " "
    case _ where drivesTerminal: "\u{FFFD}"
    default: self
    }
  }
}
