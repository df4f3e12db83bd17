/// The index of a token in its tokenizer's vocabulary.
///
/// It takes four bytes and has the layout of its number, so an array of ids is an array of 32-bit integers in memory. All
/// members can be inlined, because the keys of cached prefixes compare and hash 64 ids at a time.
package struct TokenID: Sendable, CustomStringConvertible {
  package let rawValue: Int32

  @inlinable
  package init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// The id `number`; nil where it is negative or takes more than 31 bits, which no vocabulary has.
  package init?(exactly number: Int) {
    guard Self.numbers.contains(number) else { return nil }
    self.init(Int32(truncatingIfNeeded: number))
  }

  /// The numbers that can be ids.
  package static let numbers = 0...Int(Int32.max)

  /// Its place in a row of logits.
  @inlinable
  package var index: Int { Int(rawValue) }

  package var description: String { String(rawValue) }
}

extension TokenID: Hashable, Comparable {
  @inlinable
  package static func == (left: Self, right: Self) -> Bool { left.rawValue == right.rawValue }

  @inlinable
  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  @inlinable
  package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension TokenID: ExpressibleByIntegerLiteral {
  @inlinable
  package init(integerLiteral value: Int32) { self.init(value) }
}

extension TokenID: Codable {
  package init(from decoder: any Decoder) throws { self.init(try Int32(from: decoder)) }
  package func encode(to encoder: any Encoder) throws { try rawValue.encode(to: encoder) }
}
