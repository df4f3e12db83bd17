/// Numbers as Python prints them.
enum PythonNumber {
  /// `repr` of a float: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
    let (digits, exponent) = shortest(value.magnitude)
    let sign = value < 0 ? "-" : ""
    if exponent < -4 || exponent >= 16 {
      let rest = digits.dropFirst()
      let size = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
      return "\(sign)\(digits.prefix(1))\(rest.isEmpty ? "" : "." + rest)e\(exponent < 0 ? "-" : "+")\(size)"
    }
    if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
    let whole = exponent + 1
    if digits.count <= whole {
      return "\(sign)\(digits)\(String(repeating: "0", count: whole - digits.count)).0"
    }
    return "\(sign)\(digits.prefix(whole)).\(digits.dropFirst(whole))"
  }

  /// The digits without zeros at the ends, and the power of ten of the first one.
  private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
    let parts = value.description.split(separator: "e", omittingEmptySubsequences: false)
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let power = parts.count > 1 ? Int(parts[1].drop { $0 == "+" }) ?? 0 : 0
    var exponent = power + mantissa[0].count - 1
    var digits = mantissa[0] + (mantissa.count > 1 ? mantissa[1] : "")
    while digits.first == "0", digits.count > 1 {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.last == "0", digits.count > 1 { digits.removeLast() }
    return (String(digits), exponent)
  }
}
