/// Rewrites text by the normalizer's steps of a tokenizer.
struct TextNormalizer: Sendable {
  private let steps: [NormalizerStep]
  /// Whether no step changes text that is ASCII.
  private let keepsASCII: Bool

  init(_ steps: [NormalizerStep]) throws(TokenizerError) {
    guard steps.count <= WordSplitter.limit else {
      throw .tooManySteps(found: steps.count, limit: WordSplitter.limit)
    }
    self.steps = steps
    keepsASCII = steps.allSatisfy {
      switch $0 {
      case .form, .stripAccents: true
      case .lowercase, .replace, .prepend, .strip, .bert: false
      }
    }
    for case .replace(.expression(let text), _) in steps {
      throw .patternNotSupported(pattern: text, reason: "unknown")
    }
  }

  /// Whether ``normalize(_:trusted:)`` would give `text` back; it may say no where it would.
  func leavesAlone(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    steps.isEmpty || keepsASCII && text.allSatisfy { $0 < 0x80 }
  }

  /// - Parameter trusted: For each byte of `text` whether a template wrote it, where anybody asks.
  /// - Complexity: O(bytes · steps).
  func normalize(_ text: UnsafeBufferPointer<UInt8>, trusted: [Bool]? = nil) -> NormalizedText {
    var result = NormalizedText(text, trusted: trusted)
    for step in steps where !result.bytes.isEmpty { result = Self.apply(step, to: result) }
    return result
  }

  private static func apply(_ step: NormalizerStep, to text: NormalizedText) -> NormalizedText {
    switch step {
    case .form: return text
    case .lowercase: return text.lowercased()
    case .stripAccents: return text.filtered { !$0.isMark }
    case .replace(.literal(let literal), let content):
      return text.replacing(.literal(Array(literal.utf8)), by: Array(content.utf8))
    case .replace: return text
    case .prepend(let prefix):
      var result = NormalizedText(like: text)
      result.append(prefix.utf8, for: 0..<1, of: text)
      result.copy(0..<text.bytes.count, of: text)
      return result
    case .strip(let left, let right): return text.stripped(left: left, right: right)
    case .bert: return text
    }
  }
}

extension NormalizedText {
  /// Calls `body` with each scalar and where it stands.
  @inline(__always)
  func forEachScalar(_ body: (UInt32, Range<Int>) -> Void) {
    bytes.withUnsafeBufferPointer { text in
      var index = 0
      while index < text.count {
        let (value, length) = decodeScalar(text, at: index)
        body(value, index..<index + length)
        index += length
      }
    }
  }

  func filtered(_ keeps: (ScalarTraits) -> Bool) -> NormalizedText {
    var result = NormalizedText(like: self)
    forEachScalar { value, range in if keeps(ScalarTraits(value)) { result.copy(range, of: self) } }
    return result
  }

  func lowercased() -> NormalizedText {
    var result = NormalizedText(like: self)
    forEachScalar { value, range in
      if value < 0x80 {
        let isUpper = (0x41...0x5a).contains(value)
        result.append(isUpper ? value + 32 : value, for: range, of: self)
      } else if let lower = Unicode.Scalar(value)?.properties.lowercaseMapping {
        result.append(lower.utf8, for: range, of: self)
      } else {
        result.copy(range, of: self)
      }
    }
    return result
  }

  func replacing(_ cutter: TextCutter, by content: [UInt8]) -> NormalizedText {
    var result = NormalizedText(like: self)
    var start = 0
    bytes.withUnsafeBufferPointer { text in
      cutter.forEachMatch(in: text) { match in
        result.copy(start..<match.lowerBound, of: self)
        result.append(content, for: match, of: self)
        start = match.upperBound
      }
    }
    result.copy(start..<bytes.count, of: self)
    return result
  }

  func stripped(left: Bool, right: Bool) -> NormalizedText {
    var (start, end) = (0, bytes.count)
    bytes.withUnsafeBufferPointer { text in
      while left, start < end {
        let (value, length) = decodeScalar(text, at: start)
        guard ScalarTraits(value).isSpace else { break }
        start += length
      }
      while right, start < end {
        let (value, length) = decodeScalar(text, before: end)
        guard ScalarTraits(value).isSpace else { break }
        end -= length
      }
    }
    var result = NormalizedText(like: self)
    result.copy(start..<end, of: self)
    return result
  }
}
