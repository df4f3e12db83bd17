import Glibc

/// Numbers as people read them.
enum Format {
  /// `value` with `digits` decimals, rounded half up; `nan` and `inf` as they are.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    let scale = pow(10, Double(digits))
    let scaled = Int((abs(value) * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int(scale))
    return
      "\(sign)\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.utf8.count))\(fraction)"
  }

  /// A share of 1 as `97.3 %`.
  static func percent(_ share: Double) -> String { "\(fixed(share * 100, 1)) %" }

  /// Bytes in binary units: `5.2 MiB`.
  static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var (value, unit) = (Double(count), 0)
    while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    return unit == 0 ? "\(count) B" : "\(fixed(value, value < 10 ? 1 : 0)) \(units[unit])"
  }

  /// Milliseconds in the unit that fits: `850 µs`, `12.5 ms`, `3.2 s`, `2 h 5 min`.
  static func duration(_ milliseconds: Double) -> String {
    switch milliseconds {
    case ..<1: "\(fixed(milliseconds * 1000, 0)) µs"
    case ..<100: "\(fixed(milliseconds, 1)) ms"
    case ..<1000: "\(fixed(milliseconds, 0)) ms"
    case ..<60_000: "\(fixed(milliseconds / 1000, 1)) s"
    default: minutes(Int(min(milliseconds / 60_000, 1e12)))
    }
  }

  private static func minutes(_ count: Int) -> String {
    count < 60 ? "\(count) min" : "\(count / 60) h \(count % 60) min"
  }
}

/// Columns of text, as wide as their longest cell.
struct Table {
  private let rightAligned: Set<Int>
  private var rows: [[String]]

  /// - Parameter rightAligned: Columns of numbers.
  init(_ header: [String], rightAligned: Set<Int> = []) {
    rows = [header]
    self.rightAligned = rightAligned
  }

  mutating func add(_ row: [String]) {
    rows.append(row)
  }

  /// The lines, header first, without trailing spaces.
  var lines: [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return rightAligned.contains(column) ? space + cell : cell + space
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
