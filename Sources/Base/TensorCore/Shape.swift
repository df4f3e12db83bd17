/// The extents of a tensor, outermost first; row-major.
package struct Shape: Sendable, Hashable, Codable, ExpressibleByArrayLiteral, CustomStringConvertible {
  package let extents: [Int]

  package init(_ extents: [Int]) { self.extents = extents }
  package init(arrayLiteral elements: Int...) { self.init(elements) }
  package init(from decoder: any Decoder) throws { self.init(try [Int](from: decoder)) }
  package func encode(to encoder: any Encoder) throws { try extents.encode(to: encoder) }

  package var rank: Int { extents.count }
  package subscript(axis: Int) -> Int { extents[axis] }
  package var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }

  /// The product of the extents, or nil where it overflows or an extent is negative: a shape may come from a file.
  package var elementCount: Int? {
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow || extent < 0 { return nil }
      count = product
    }
    return count
  }
}
