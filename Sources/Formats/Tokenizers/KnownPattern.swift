/// The patterns that most byte-level tokenizers were trained with; ``WordScanner`` cuts by them without a matcher.
enum KnownPattern: Sendable {
  case gpt2, llama3, singleDigits

  /// The pattern that is spelled `expression`.
  init?(_ expression: String) {
    switch expression {
    case Self.gpt2Expression: self = .gpt2
    case Self.llama3Expression: self = .llama3
    case Self.singleDigitsExpression: self = .singleDigits
    default: return nil
    }
  }

  static let gpt2Expression =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  static let llama3Expression = contractions + #"|\p{N}{1,3}"# + rest
  static let singleDigitsExpression = contractions + #"|\p{N}"# + rest

  private static let contractions = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+"#
  private static let rest = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  @inline(__always)
  func wordEnd(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let scanner = WordScanner(bytes: text)
    return switch self {
    case .gpt2: scanner.gpt2WordEnd(from: start)
    case .llama3: scanner.llama3WordEnd(from: start, digits: 3)
    case .singleDigits: scanner.llama3WordEnd(from: start, digits: 1)
    }
  }
}

extension TokenizerModel.WordSplit {
  /// The pattern by which the rule cuts.
  package var pattern: String? {
    switch self {
    case .none, .metaspace: nil
    case .gpt2: KnownPattern.gpt2Expression
    case .llama3: KnownPattern.llama3Expression
    case .singleDigits: KnownPattern.singleDigitsExpression
    }
  }
}
