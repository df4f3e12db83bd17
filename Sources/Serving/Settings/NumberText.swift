func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

/// `text` without spaces, tabs and carriage returns at its ends.
func trimmed(_ text: Substring) -> Substring {
  func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }
  let start = text.drop(while: isBlank)
  guard let last = start.lastIndex(where: { !isBlank($0) }) else { return start }
  return start[...last]
}

/// A number of digits alone: no sign, no separator; nil outside `range` or beyond 64 bits.
func digits(_ text: Substring, in range: ClosedRange<Int>) -> Int? {
  guard !text.isEmpty, text.utf8.allSatisfy(isDigit), let value = Int(text) else { return nil }
  return range.contains(value) ? value : nil
}

/// A number followed by at most one of `suffixes`, in any case; the first that fits counts.
func scaled(_ text: Substring, by suffixes: [(String, Int)], in range: ClosedRange<Int>) -> Int? {
  let suffix = suffixes.first { text.lowercased().hasSuffix($0.0.lowercased()) }
  let number = text.dropLast(suffix?.0.count ?? 0)
  guard let value = digits(number, in: 0...Int.max) else { return nil }
  let (product, overflow) = value.multipliedReportingOverflow(by: suffix?.1 ?? 1)
  return !overflow && range.contains(product) ? product : nil
}

/// `value` with the largest of `units` (largest first) that divides it.
func shortest(_ value: Int, _ units: [(String, Int)]) -> String {
  guard let unit = units.first(where: { value.isMultiple(of: $0.1) && value >= $0.1 }) else {
    // Zero is a multiple of every unit. A duration of zero keeps the smallest unit; a size of zero has none.
    return value == 0 ? "0" : "\(value)"
  }
  return "\(value / unit.1)\(unit.0)"
}
