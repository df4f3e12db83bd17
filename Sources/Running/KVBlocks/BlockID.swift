/// The number of one page of the key/value cache, in `0..<BlockPool.capacity`.
package struct BlockID: Hashable, Sendable, CustomStringConvertible {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  package var description: String { "block \(rawValue)" }

  /// The place of this block in an array with one element per block.
  var index: Int { Int(rawValue) }
}
