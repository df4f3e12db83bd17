import Kernels

/// One row of the report: a figure, its limit, and its spread.
struct Measurement: Encodable {
  /// The limit of a figure.
  struct Limit {
    /// The limit in the unit of the measurement.
    let value: Double
    let name: Name

    enum Name: String {
      /// 8-bit multiply-adds.
      case int8
      /// float32 multiply-adds.
      case float32
      /// Streaming from memory.
      case memory
      /// Reading as many bytes over and over, from whichever cache holds them.
      case cache
    }
  }

  var suite: String
  var name: String
  var isa: InstructionSet
  var threads: Int
  var value: Double
  var unit: String
  /// Nil where no limit is known.
  var limit: Limit?
  var repetitions: Int
  var spread: Double
  /// Further figures by name; a name ends with the unit.
  var details: [String: Double] = [:]

  /// The part of the limit that was reached.
  var ratio: Double? { limit.map { value / $0.value } }

  private enum CodingKeys: String, CodingKey {
    case suite, isa, threads, value, unit, limit, ratio, spread, details
    case name = "case"
    case limitName = "limit_of"
    case repetitions = "median_of"
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: CodingKeys.self)
    try object.encode(suite, forKey: .suite)
    try object.encode(name, forKey: .name)
    try object.encode(isa.rawValue, forKey: .isa)
    try object.encode(threads, forKey: .threads)
    try object.encode(value.significant, forKey: .value)
    try object.encode(unit, forKey: .unit)
    try object.encode(limit?.value.significant, forKey: .limit)
    try object.encode(limit?.name.rawValue, forKey: .limitName)
    try object.encode(ratio?.significant, forKey: .ratio)
    try object.encode(repetitions, forKey: .repetitions)
    try object.encode(spread.significant, forKey: .spread)
    if !details.isEmpty { try object.encode(details.mapValues(\.significant), forKey: .details) }
  }
}

extension Double {
  /// Four significant digits: no timing has more.
  var significant: Double {
    guard self != 0, isFinite else { return self }
    var (scale, magnitude) = (1.0, magnitude)
    while magnitude >= 10_000 { (magnitude, scale) = (magnitude / 10, scale * 10) }
    while magnitude < 1_000 { (magnitude, scale) = (magnitude * 10, scale / 10) }
    // Dividing by the reciprocal power keeps 0.1234 from becoming 0.12340000000000001.
    return scale >= 1 ? (self / scale).rounded() * scale : (self / scale).rounded() / (1 / scale).rounded()
  }

  /// Four significant digits as text, without an exponent.
  var text: String {
    let value = significant
    if value == value.rounded(), value.magnitude < 1e15 { return "\(Int(value))" }
    return "\(value)"
  }
}
