/// The short form of a scheme, as command lines and tables write it: `q8k4v4-log64`, and `q8k4v4t-log64` where V has
/// a scale per token. Windows are not part of it: they are the model's.
extension AttentionScheme {
  package var name: String {
    "q\(queryBits)k\(keyBits)v\(valueBits)\(valueScale == .token ? "t" : "")-\(probabilities.rawValue)"
  }

  /// Reads ``name``; nil for another form. Whether a kernel implements the scheme is ``validate(layer:)``'s to say.
  package init?(name: String) {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let code = ProbabilityCode(rawValue: String(parts[1])) else { return nil }
    var rest = parts[0]
    guard let query = rest.takeBits(after: "q"), let key = rest.takeBits(after: "k"),
      let value = rest.takeBits(after: "v"), rest.isEmpty || rest == "t"
    else { return nil }
    self.init(
      queryBits: query, keyBits: key, valueBits: value, valueScale: rest.isEmpty ? .channel : .token,
      probabilities: code)
  }
}

extension Substring {
  /// Takes a letter and the one digit behind it off the front.
  fileprivate mutating func takeBits(after letter: Character) -> Int? {
    guard first == letter, let digit = dropFirst().first, digit.isASCII, let bits = digit.wholeNumberValue
    else { return nil }
    removeFirst(2)
    return bits
  }
}
