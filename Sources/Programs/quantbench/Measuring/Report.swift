import FoundationEssentials
import Glibc

/// Prints measurements as they come: lines of JSON, or a table.
final class Report {
  private let json: Bool
  private var suite = ""

  /// Prints the machine's line.
  init(json: Bool) {
    self.json = json
    let machine = Machine()
    print(line: json ? Self.encoded(machine) : machine.text)
  }

  func add(_ measurement: Measurement) {
    if json { return print(line: Self.encoded(measurement)) }
    if suite != measurement.suite {
      suite = measurement.suite
      print(line: "\n\(Self.columns(suite, "isa", "T", "value", "", "of limit", "spread"))")
    }
    let limit = measurement.limit.map { "\(Self.percent(measurement.value / $0.value)) \($0.name.rawValue)" }
    let details = measurement.details.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
    let columns = Self.columns(
      measurement.name, measurement.isa.rawValue, "\(measurement.threads)", measurement.value.text,
      measurement.unit,
      limit ?? "", Self.percent(measurement.spread))
    print(line: columns + details.map { "  " + $0 }.joined())
  }

  /// Writes on standard error why something is missing.
  func note(_ text: String) {
    var line = "quantbench: \(text)\n"
    _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private func print(line: String) {
    Swift.print(line)
    fflush(nil)  // A long run is watched, and may be cut short.
  }

  private static func encoded(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }

  private static func columns(
    _ name: String, _ isa: String, _ threads: String, _ value: String, _ unit: String, _ limit: String,
    _ spread: String
  ) -> String {
    [
      name.padded(to: 44), isa.padded(to: 7), threads.padded(to: 2), value.padded(to: 9, left: true),
      unit.padded(to: 9), limit.padded(to: 14), spread.padded(to: 7, left: true),
    ].joined(separator: " ")
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

extension String {
  fileprivate func padded(to width: Int, left: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - count))
    return left ? spaces + self : self + spaces
  }
}
