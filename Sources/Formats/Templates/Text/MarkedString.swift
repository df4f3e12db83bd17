/// A text that knows of each byte whether the template wrote it.
///
/// Operations move bytes together with their author. Bytes that an operation makes up, such as padding or the quotes of
/// `tojson`, are nobody's and count as a message's, which can only make fewer special tokens.
struct MarkedString: Sendable {
  /// UTF-8.
  private(set) var bytes: [UInt8] = []
  /// The bytes that the template wrote: ascending, neither empty nor touching each other.
  private(set) var templateRanges: [Range<Int>] = []

  init() {}

  init(template text: String) { self.init(bytes: Array(text.utf8), byTemplate: true) }

  init(message text: String) { bytes = Array(text.utf8) }

  init(bytes: [UInt8], byTemplate: Bool) {
    self.bytes = bytes
    if byTemplate, !bytes.isEmpty { templateRanges = [0..<bytes.count] }
  }

  var isEmpty: Bool { bytes.isEmpty }
  var count: Int { bytes.count }
  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  mutating func append(_ other: MarkedString) {
    let start = bytes.count
    bytes += other.bytes
    for range in other.templateRanges { mark(range.lowerBound + start..<range.upperBound + start) }
  }

  mutating func append(_ other: MarkedString, _ range: Range<Int>) {
    if range.isEmpty { return }
    let shift = bytes.count - range.lowerBound
    bytes += other.bytes[range]
    for index in other.firstMark(endingAfter: range.lowerBound)..<other.templateRanges.count {
      let marked = other.templateRanges[index]
      if marked.lowerBound >= range.upperBound { break }
      let part = marked.clamped(to: range)
      mark(part.lowerBound + shift..<part.upperBound + shift)
    }
  }

  /// Appends bytes that an operation made up.
  mutating func append(made text: String) { bytes += text.utf8 }

  mutating func append(made byte: UInt8) { bytes.append(byte) }

  mutating func append(_ text: some Collection<UInt8>, byTemplate: Bool) {
    let start = bytes.count
    bytes += text
    if byTemplate { mark(start..<bytes.count) }
  }

  subscript(range: Range<Int>) -> MarkedString {
    if range.count == bytes.count { return self }
    var part = MarkedString()
    part.append(self, range)
    return part
  }

  /// Whether the template wrote the byte at `offset`.
  func isTemplate(_ offset: Int) -> Bool {
    let index = firstMark(endingAfter: offset)
    return index < templateRanges.count && templateRanges[index].lowerBound <= offset
  }

  private mutating func mark(_ range: Range<Int>) {
    if range.isEmpty { return }
    if let last = templateRanges.last, last.upperBound == range.lowerBound {
      templateRanges[templateRanges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      templateRanges.append(range)
    }
  }

  private func firstMark(endingAfter offset: Int) -> Int {
    var (low, high) = (0, templateRanges.count)
    while low < high {
      let middle = (low + high) / 2
      if templateRanges[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Texts are equal where their bytes are, whoever wrote them.
extension MarkedString: Hashable {
  static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

  func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}
