import Vocabulary

/// Rewrites text by the normalizer's steps of a tokenizer.
struct TextNormalizer: Sendable {
  /// ``NormalizerStep`` with what it looks for made ready.
  private enum Step {
    case form(NormalizationForm)
    case lowercase, stripAccents, spellBytes
    case replace(TextCutter, [UInt8])
    case prepend([UInt8])
    case strip(left: Bool, right: Bool)
    case bert(cleanses: Bool, separates: Bool, strips: Bool, lowers: Bool)
  }

  private var steps: [Step] = []
  /// Whether no step changes text that is ASCII.
  private let keepsASCII: Bool

  init(_ steps: [NormalizerStep]) throws(TokenizerError) {
    guard steps.count <= WordSplitter.limit else {
      throw .tooManySteps(found: steps.count, limit: WordSplitter.limit)
    }
    var growth = GrowthBound()
    for step in steps {
      if case .replace(let pattern, let content) = step {
        try growth.multiply(replacing: pattern, by: content)
      } else if case .spellBytes = step {
        try growth.multiply(by: 2)
      }
      self.steps.append(try Self.compile(step))
    }
    keepsASCII = steps.allSatisfy {
      switch $0 {
      case .form, .stripAccents: true
      case .lowercase, .replace, .prepend, .strip, .bert, .spellBytes: false
      }
    }
  }

  private static func compile(_ step: NormalizerStep) throws(TokenizerError) -> Step {
    switch step {
    case .form(let form): .form(form)
    case .lowercase: .lowercase
    case .spellBytes: .spellBytes
    case .stripAccents: .stripAccents
    case .replace(let pattern, let content): .replace(try TextCutter(pattern), Array(content.utf8))
    case .prepend(let text): .prepend(Array(text.utf8))
    case .strip(let left, let right): .strip(left: left, right: right)
    case .bert(let cleanses, let separates, let strips, let lowers):
      .bert(cleanses: cleanses, separates: separates, strips: strips, lowers: lowers)
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

  private static func apply(_ step: Step, to text: NormalizedText) -> NormalizedText {
    switch step {
    case .form(let form): return text.normalized(to: form)
    case .lowercase: return text.lowercased()
    case .spellBytes: return text.spelled()
    case .stripAccents: return text.filtered { !ScalarTraits($0).isMark }
    case .replace(let cutter, let content): return text.replacing(cutter, by: content)
    case .prepend(let prefix):
      var result = NormalizedText(like: text)
      result.append(prefix, for: 0..<1, of: text)
      result.copy(0..<text.bytes.count, of: text)
      return result
    case .strip(let left, let right): return text.stripped(left: left, right: right)
    case .bert(let cleanses, let separates, let strips, let lowers):
      var result = cleanses ? text.cleansed() : text
      if separates { result = result.separatingIdeographs() }
      if strips { result = result.normalized(to: .nfd).filtered { !Unicode8Category($0).isNonspacingMark } }
      return lowers ? result.lowercased() : result
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

  func filtered(_ keeps: (UInt32) -> Bool) -> NormalizedText {
    var result = NormalizedText(like: self)
    forEachScalar { value, range in if keeps(value) { result.copy(range, of: self) } }
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

  /// Each byte as a character of ``ByteLevelAlphabet``.
  func spelled() -> NormalizedText {
    var result = NormalizedText(like: self)
    for (index, byte) in bytes.enumerated() {
      result.append(ByteLevelAlphabet.scalars[Int(byte)], for: index..<index + 1, of: self)
    }
    return result
  }
}
