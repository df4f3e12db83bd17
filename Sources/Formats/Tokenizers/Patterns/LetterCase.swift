/// What a scalar equals where a pattern is without regard to case.
enum LetterCase {
  /// The simple case mappings of a scalar and theirs: by the lower one of the upper one `ſ` is an `s`, by the upper one of
  /// the lower one the Ångström sign is an `Å`.
  static func variants(of value: UInt32) -> [UInt32] {
    let (lower, upper) = (lower(value), upper(value))
    return [lower, upper, lower.flatMap(self.upper), upper.flatMap(self.lower)].compactMap { $0 }
  }

  /// All scalars that equal others, found at first use; beyond the second plane there are none.
  static let cased: [(scalar: UInt32, variants: [UInt32])] = (0..<0x2_0000).filter(changes).map {
    ($0, variants(of: $0))
  }

  private static func changes(_ value: UInt32) -> Bool {
    Unicode.Scalar(value)?.properties.changesWhenCaseMapped ?? false
  }

  private static func lower(_ value: UInt32) -> UInt32? {
    Unicode.Scalar(value).flatMap { simple($0.properties.lowercaseMapping) }
  }

  private static func upper(_ value: UInt32) -> UInt32? {
    Unicode.Scalar(value).flatMap { simple($0.properties.uppercaseMapping) }
  }

  private static func simple(_ mapping: String) -> UInt32? {
    mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first?.value : nil
  }
}
