/// Bounds far above any model that fits this daemon, and far below any product that could overflow.
enum Bound {
  static let width = 1...65_536
  static let layers = 1...1_024
  static let vocabulary = 1...4_194_304
  static let context = 1...16_777_216
  /// Values of the rotary table, which no tensor of the file vouches for: half a million positions at heads of 128.
  static let rotaryValues = 1 << 26
  static let headSize = 4...512
}

func require(_ field: String, _ value: Int, in range: ClosedRange<Int>) throws(ArchitectureError) {
  guard range.contains(value) else {
    throw ArchitectureError(
      field: field, found: "\(value)", expected: "it must be in \(range.lowerBound)…\(range.upperBound)")
  }
}

func require(
  _ field: String, _ value: Int, dividesBy divisor: Int, named name: String
) throws(ArchitectureError) {
  guard value % divisor == 0 else {
    throw ArchitectureError(
      field: field, found: "\(value)", expected: "it must be a multiple of \(name) = \(divisor)")
  }
}

func require(positive field: String, _ value: Double, atMost bound: Double) throws(ArchitectureError) {
  guard value > 0, value <= bound else {
    throw ArchitectureError(
      field: field, found: "\(value)", expected: "it must be above 0 and at most \(bound)")
  }
}

/// Refuses a feature that a configuration can express and no model here computes yet.
func require<Feature: Equatable>(
  _ field: String, _ value: Feature, among implemented: [Feature]
) throws(ArchitectureError) {
  guard implemented.contains(value) else {
    let list = implemented.map { "\($0)" }.joined(separator: " or ")
    throw ArchitectureError(field: field, found: "\(value)", expected: "only \(list) is implemented")
  }
}
