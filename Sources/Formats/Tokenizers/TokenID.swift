/// The index of a token in its tokenizer's vocabulary.
package struct TokenID: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  package let rawValue: Int32

  package init(_ rawValue: Int32) { self.rawValue = rawValue }
  package init(from decoder: any Decoder) throws { rawValue = try Int32(from: decoder) }
  package func encode(to encoder: any Encoder) throws { try rawValue.encode(to: encoder) }

  package var description: String { String(rawValue) }
  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
