/// The text of a prompt, which knows of each byte whether a template or a message wrote it.
///
/// Templates may write special tokens and messages may not: `<|im_end|>` is a special token only where the template wrote
/// every byte of it. Otherwise a message could end its own turn and begin somebody else's.
package struct PromptText: Sendable, Equatable {
  /// UTF-8.
  package private(set) var bytes: [UInt8] = []
  /// The ranges of bytes that the template wrote, in ascending order; none is empty, and no two touch each other.
  package private(set) var templateRanges: [Range<Int>] = []

  package init() {}

  /// A text that one author wrote.
  package init(_ text: String, byTemplate: Bool) { append(text.utf8, byTemplate: byTemplate) }

  package mutating func append(_ text: some Collection<UInt8>, byTemplate: Bool) {
    let start = bytes.count
    bytes += text
    guard byTemplate, bytes.count > start else { return }
    if let last = templateRanges.last, last.upperBound == start {
      templateRanges[templateRanges.count - 1] = last.lowerBound..<bytes.count
    } else {
      templateRanges.append(start..<bytes.count)
    }
  }

  /// Whether the template wrote all of `range`, which is not empty.
  ///
  /// - Complexity: Logarithmic in the number of ranges that the template wrote.
  package func isTemplate(_ range: Range<Int>) -> Bool {
    var (low, high) = (0, templateRanges.count)
    while low < high {
      let middle = (low + high) / 2
      if templateRanges[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    guard low < templateRanges.count else { return false }
    return templateRanges[low].lowerBound <= range.lowerBound
      && range.upperBound <= templateRanges[low].upperBound
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }
}
