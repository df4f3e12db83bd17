/// The index of a token in its tokenizer's vocabulary.
public struct TokenID: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  public let rawValue: Int32

  public init(_ rawValue: Int32) { self.rawValue = rawValue }
  public init(from decoder: any Decoder) throws { rawValue = try Int32(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try rawValue.encode(to: encoder) }

  public var description: String { String(rawValue) }
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
