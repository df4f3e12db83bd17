import Vocabulary

/// A text on its way through the normalizer's steps; where it matters, with a mark on each byte that a template wrote.
struct NormalizedText {
  private(set) var bytes: [UInt8] = []
  /// As long as `bytes`; nil where nobody asks.
  private(set) var trusted: [Bool]?

  /// An empty text that remembers authors if `other` does.
  init(like other: NormalizedText) {
    trusted = other.trusted == nil ? nil : []
    bytes.reserveCapacity(other.bytes.count)
  }

  init(_ text: UnsafeBufferPointer<UInt8>, trusted: [Bool]?) {
    bytes = Array(text)
    self.trusted = trusted
  }

  /// Appends bytes that stand for `source` of another text: the template wrote them if it wrote all of that.
  mutating func append(
    _ new: some Collection<UInt8>, for source: Range<Int>, of other: NormalizedText
  ) {
    bytes += new
    guard trusted != nil, let authors = other.trusted else { return }
    let isTrusted = authors[source].allSatisfy { $0 }
    trusted? += repeatElement(isTrusted, count: new.count)
  }

  mutating func append(_ scalar: UInt32, for source: Range<Int>, of other: NormalizedText) {
    let start = bytes.count
    appendScalar(scalar, to: &bytes)
    guard trusted != nil, let authors = other.trusted else { return }
    let isTrusted = authors[source].allSatisfy { $0 }
    trusted? += repeatElement(isTrusted, count: bytes.count - start)
  }

  /// Appends `source` of another text unchanged.
  mutating func copy(_ source: Range<Int>, of other: NormalizedText) {
    bytes += other.bytes[source]
    if let authors = other.trusted { trusted? += authors[source] }
  }
}
