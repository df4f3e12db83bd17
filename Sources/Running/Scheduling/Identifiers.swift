/// One job of the engine: a sequence to continue or an image to run. The engine numbers them and never uses a
/// number twice; a client's own id is the protocol's.
package struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  package var description: String { "request \(rawValue)" }
}

/// One loaded model version; two versions of a model are two keys, and so never share a cache.
package struct ModelKey: Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package var description: String { "model \(rawValue)" }
}
