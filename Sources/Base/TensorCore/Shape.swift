/// The extents of a tensor, outermost first; row-major.
public struct Shape: Sendable, Hashable, Codable, ExpressibleByArrayLiteral, CustomStringConvertible {
  public let extents: [Int]

  public init(_ extents: [Int]) { self.extents = extents }
  public init(arrayLiteral elements: Int...) { self.init(elements) }
  public init(from decoder: any Decoder) throws { self.init(try [Int](from: decoder)) }
  public func encode(to encoder: any Encoder) throws { try extents.encode(to: encoder) }

  public var rank: Int { extents.count }
  public subscript(axis: Int) -> Int { extents[axis] }
  public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }

  /// The product of the extents, or nil where it overflows or an extent is negative: a shape may come from a file.
  public var elementCount: Int? {
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow || extent < 0 { return nil }
      count = product
    }
    return count
  }
}
