/// How values of one kind are written: what to accept, what to say about the rest, how to print one.
struct ValueForm<Value: Sendable>: Sendable {
  /// What values it allows, as the end of the sentence "allowed is …".
  let allowed: String
  let parse: @Sendable (Substring) -> Value?
  let show: @Sendable (Value) -> String
}

extension ValueForm {
  /// A form that accepts the same values, and also `word` for nil.
  func or(_ word: String) -> ValueForm<Value?> {
    ValueForm<Value?>(
      allowed: "\(word), or \(allowed)",
      parse: { text in
        if text == word { return .some(nil) }
        return parse(text).map { .some($0) }
      },
      show: { $0.map(show) ?? word })
  }
}

extension ValueForm<Int> {
  /// A decimal number.
  static func count(_ range: ClosedRange<Int>) -> Self {
    ValueForm(
      allowed: "a number from \(range.lowerBound) to \(range.upperBound)",
      parse: { digits($0, in: range) },
      show: { "\($0)" })
  }

  /// A number of things with an optional suffix of thousands: `64M` is 64 000 000.
  static func scaledCount(_ range: ClosedRange<Int>) -> Self {
    ValueForm(
      allowed: "a number from \(range.lowerBound) to \(range.upperBound); K, M and G are powers of 1000",
      parse: { scaled($0, by: [("K", 1000), ("M", 1_000_000), ("G", 1_000_000_000)], in: range) },
      show: { shortest($0, [("G", 1_000_000_000), ("M", 1_000_000), ("K", 1000)]) })
  }

  /// Bytes with an optional suffix: `256M` and `256MiB` are 256 × 1024².
  static func size(atLeast least: Int) -> Self {
    let binary = [("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("T", 1 << 40)]
    let suffixes = binary.map { ($0 + "iB", $1) } + binary
    return ValueForm(
      allowed:
        "a size of at least \(shortest(least, binary.reversed())), such as 512M or 6G (powers of 1024)",
      parse: { scaled($0, by: suffixes, in: least...(1 << 50)) },
      show: { shortest($0, binary.reversed()) })
  }
}

extension ValueForm<UInt32> {
  /// Permission bits in octal.
  static var mode: Self {
    ValueForm(
      allowed: "permission bits in octal, such as 0660",
      parse: { text in
        guard (3...4).contains(text.utf8.count), let bits = UInt32(text, radix: 8), bits <= 0o777 else {
          return nil
        }
        return text.utf8.first == UInt8(ascii: "+") ? nil : bits
      },
      show: { "0" + String($0, radix: 8) })
  }
}

extension ValueForm<Duration> {
  /// A whole number of `ms`, `s`, `m` or `h`.
  static func duration(atMost most: Duration) -> Self {
    let limit = Int(most.components.seconds) * 1000
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    return ValueForm(
      allowed: "a time of at most \(shortest(limit, units.reversed())), such as 500ms, 30s or 2m",
      parse: { text in
        // A number without a unit is refused, except zero, which is the same in every unit.
        if text == "0" { return .zero }
        guard text.utf8.last.map({ $0 >= UInt8(ascii: "a") }) == true else { return nil }
        return scaled(text, by: units, in: 0...limit).map { .milliseconds($0) }
      },
      show: { time in
        let (seconds, attoseconds) = time.components
        return shortest(Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000), units.reversed())
      })
  }
}

extension ValueForm<Double> {
  static func real(_ range: ClosedRange<Double>) -> Self {
    ValueForm(
      allowed: "a number from \(range.lowerBound) to \(range.upperBound), such as \(range.lowerBound)",
      parse: { text in
        let plain = text.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
        guard plain, let value = Double(text), range.contains(value) else { return nil }
        return value
      },
      show: { "\($0)" })
  }
}

extension ValueForm<String> {
  static var absolutePath: Self {
    ValueForm(
      allowed: "an absolute path",
      parse: { $0.utf8.first == UInt8(ascii: "/") && !$0.utf8.contains(0) ? String($0) : nil },
      show: { $0 })
  }

  /// The name or number of a user or a group.
  static var account: Self {
    ValueForm(
      allowed: "a name or a number",
      parse: { text in
        let accepted = text.utf8.allSatisfy { byte in
          isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "$")].contains(byte)
        }
        return accepted && !text.isEmpty && text.utf8.first != UInt8(ascii: "-") ? String(text) : nil
      },
      show: { $0 })
  }
}

extension ValueForm<[Account]> {
  /// `none`, or names and numbers with commas between them.
  static var accounts: Self {
    ValueForm(
      allowed: "none, or user names and numbers with commas between them",
      parse: { text in
        if text == "none" { return [] }
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
        let found = words.compactMap { word -> Account? in
          guard let name = ValueForm<String>.account.parse(word) else { return nil }
          guard name.utf8.allSatisfy(isDigit) else { return .name(name) }
          return UInt32(name).map { .uid($0) }
        }
        return found.count == words.count ? found : nil
      },
      show: { accounts in
        let words = accounts.map { account in
          switch account {
          case .name(let name): name
          case .uid(let number): "\(number)"
          }
        }
        return words.isEmpty ? "none" : words.joined(separator: ", ")
      })
  }
}

extension ValueForm<LogLevel> {
  static var logLevel: Self {
    ValueForm(
      allowed: "one of " + LogLevel.allCases.map(\.rawValue).joined(separator: ", "),
      parse: { LogLevel(rawValue: String($0)) },
      show: { $0.rawValue })
  }
}
