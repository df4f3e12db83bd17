/// One admitted request; the engine numbers them and never uses a number twice.
public struct RequestID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  public var description: String { "request \(rawValue)" }
}

/// One loaded model version; two versions of a model are two keys, and so never share a cache.
public struct ModelKey: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public var description: String { "model \(rawValue)" }
}
