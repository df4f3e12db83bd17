/// The number of one page of the key/value cache, in `0..<BlockPool.capacity`.
public struct BlockID: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  public var description: String { "block \(rawValue)" }

  /// The place of this block in an array with one element per block.
  var index: Int { Int(rawValue) }
}
