import Vocabulary

/// The decoder's steps of a tokenizer, checked.
struct TokenDecoder: Sendable {
  /// What happens to one token after another; behind ``DecoderStep/byteFallback`` also to the text of a run of bytes.
  enum Step: Sendable {
    case metaspace([UInt8], dropsFirst: Bool)
    case wordPiece(prefix: [UInt8], cleansUp: Bool)
    case spaced
    case replace(TextCutter, [UInt8])
    case strip([UInt8], left: Int, right: Int)
  }

  private(set) var steps: [Step] = []
  /// Whether runs of bytes that are no text become U+FFFD for each byte, as `tokenizers` has it.
  private(set) var judgesRuns = false
  /// What is replaced at the end of words, by a space, and at the end of the text, by nothing.
  private(set) var wordEnd: [UInt8] = []
  /// Of what, and how often at most, the whole text loses at its beginning.
  private(set) var leading: (content: [UInt8], count: Int) = ([], 0)
  private(set) var readsAlphabet = false

  init(_ model: TokenizerModel) throws(TokenizerError) {
    let all = model.header.decoder
    guard all.count <= WordSplitter.limit else {
      throw .tooManySteps(found: all.count, limit: WordSplitter.limit)
    }
    let fuse = all.firstIndex(of: .fuse) ?? all.count
    var growth = GrowthBound()
    for step in all[..<fuse] {
      if case .replace(let pattern, let content) = step {
        try growth.multiply(replacing: pattern, by: content)
      }
      try add(step)
    }
    for step in all[fuse...] where step != .fuse {
      guard case .strip(let content, let left, 0) = step, leading.count == 0 else {
        throw .decoderNotSupported(reason: "behind Fuse only one Strip at the left is supported")
      }
      leading = (Array(content.utf8), left)
    }
  }

  private mutating func add(_ step: DecoderStep) throws(TokenizerError) {
    switch step {
    case .byteLevel: readsAlphabet = true
    case .spaced: steps.append(.spaced)
    case .metaspace(let marker, let scheme):
      steps.append(.metaspace(Array(marker.utf8), dropsFirst: scheme != .never))
    case .wordPiece(let prefix, let cleansUp):
      steps.append(.wordPiece(prefix: Array(prefix.utf8), cleansUp: cleansUp))
    case .byteFallback: judgesRuns = true
    case .wordEnd(let suffix):
      guard wordEnd.isEmpty, steps.isEmpty else {
        throw .decoderNotSupported(reason: "only the first step may replace the ends of words")
      }
      wordEnd = Array(suffix.utf8)
    case .fuse: break
    case .strip(let content, let left, let right):
      guard left >= 0, right >= 0 else { throw .decoderNotSupported(reason: "Strip of a negative number") }
      steps.append(.strip(Array(content.utf8), left: left, right: right))
    case .replace(let pattern, let content):
      steps.append(.replace(try TextCutter(pattern), Array(content.utf8)))
    }
  }

  /// What the steps make of a token's text, which is the first of a text or not.
  func text(of token: [UInt8], isFirst: Bool) -> [UInt8] {
    steps.reduce(token) { Self.apply($1, to: $0, isFirst: isFirst) }
  }

  private static func apply(_ step: Step, to token: [UInt8], isFirst: Bool) -> [UInt8] {
    switch step {
    case .metaspace(let marker, let drops):
      replace(.literal(marker), in: token, by: isFirst && drops ? [] : [UInt8(ascii: " ")])
    case .wordPiece(let prefix, let cleansUp):
      joined(token, prefix, cleansUp: cleansUp, isFirst: isFirst)
    case .spaced: isFirst ? token : [UInt8(ascii: " ")] + token
    case .replace(let cutter, let content): replace(cutter, in: token, by: content)
    case .strip(let content, let left, let right): strip(token[...], content, left, right)
    }
  }

  static func replace(_ cutter: TextCutter, in token: [UInt8], by content: [UInt8]) -> [UInt8] {
    var (result, start) = ([UInt8](), 0)
    token.withUnsafeBufferPointer { text in
      cutter.forEachMatch(in: text) { match in
        result += text[start..<match.lowerBound]
        result += content
        start = match.upperBound
      }
    }
    return start == 0 && result.isEmpty ? token : result + token[start...]
  }

  private static func strip(
    _ token: ArraySlice<UInt8>, _ content: [UInt8], _ left: Int, _ right: Int
  ) -> [UInt8] {
    guard !content.isEmpty else { return Array(token) }
    var rest = token
    for _ in 0..<left {
      guard rest.starts(with: content) else { break }
      rest = rest.dropFirst(content.count)
    }
    for _ in 0..<right {
      guard rest.reversed().starts(with: content.reversed()) else { break }
      rest = rest.dropLast(content.count)
    }
    return Array(rest)
  }

  private static func joined(
    _ token: [UInt8], _ prefix: [UInt8], cleansUp: Bool, isFirst: Bool
  ) -> [UInt8] {
    var text = token
    if !isFirst {
      text = text.starts(with: prefix) ? Array(text.dropFirst(prefix.count)) : [UInt8(ascii: " ")] + text
    }
    guard cleansUp else { return text }
    for (dirty, clean) in cleanings { text = replace(.literal(dirty), in: text, by: clean) }
    return text
  }

  /// What WordPiece's decoder makes nicer, in this order.
  private static let cleanings: [([UInt8], [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
}
