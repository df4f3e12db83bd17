#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Numbers with so many digits, correctly rounded.
enum NumberFormat {
  /// The most digits behind the point.
  static let mostDigits = 100

  /// What C's `printf` writes for `code`, which is one of `e`, `f` and `g` in either case.
  static func text(_ value: Double, code: Unicode.Scalar, digits: Int, alternate: Bool = false) -> String {
    guard value.isFinite else {
      let word = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
      return code.properties.isUppercase ? word.uppercased() : word
    }
    let format = "%\(alternate ? "#" : "").\(max(0, min(digits, mostDigits)))\(code)"
    // The largest double has 309 digits in front of the point.
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      let count = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
      return String(decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }

  /// `round(value, digits)` of Python: ties go to the even neighbour.
  static func rounded(_ value: Double, digits: Int) -> Double {
    guard value.isFinite else { return value }
    if digits > mostDigits { return value }
    if digits >= 0 { return Double(text(value, code: "f", digits: digits)) ?? value }
    if digits < -308 { return value < 0 ? -0.0 : 0.0 }
    let unit = pow(10, Double(-digits))
    return (value / unit).rounded(.toNearestOrEven) * unit
  }
}
