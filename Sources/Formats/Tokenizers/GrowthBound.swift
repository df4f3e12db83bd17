/// Bounds how much longer steps can make a text, so that a crafted tokenizer cannot fill the memory with a short one.
struct GrowthBound {
  /// Far above what any tokenizer does, one character of which becomes three bytes.
  static let limit = 1024

  private var factor = 1

  /// Takes a step that writes at most `bytes` for every byte.
  mutating func multiply(by bytes: Int) throws(TokenizerError) {
    let (product, overflows) = factor.multipliedReportingOverflow(by: max(1, bytes))
    guard !overflows, product <= Self.limit else {
      throw .textGrows(factor: overflows ? .max : product, limit: Self.limit)
    }
    factor = product
  }

  /// Takes a replacement: of literals at most `content` for each, of a pattern, which may be empty, also between bytes.
  mutating func multiply(replacing pattern: TextPattern, by content: String) throws(TokenizerError) {
    switch pattern {
    case .literal(let text):
      let length = max(1, text.utf8.count)
      try multiply(by: (content.utf8.count + length - 1) / length)
    case .expression: try multiply(by: content.utf8.count + 1)
    }
  }
}
