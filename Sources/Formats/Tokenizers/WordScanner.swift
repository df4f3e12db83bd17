import Vocabulary

/// Cuts text into words by the patterns that byte-level tokenizers were trained with, without a regex engine.
///
/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
/// Llama 3: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
/// \s*[\r\n]+|\s+(?!\S)|\s+`. Each byte is looked at a bounded number of times, except in runs of white
/// space, which are scanned once per word they are cut into, that is twice.
struct WordScanner {
  let bytes: UnsafeBufferPointer<UInt8>

  /// The end of the word that begins at `start`, by GPT-2's pattern; always past `start`.
  func gpt2WordEnd(from start: Int) -> Int {
    if let end = contractionEnd(from: start, ignoringCase: false) { return end }
    let body = bytes[start] == space && start + 1 < bytes.count ? start + 1 : start
    let kind = scalar(at: body).kind
    return kind == .space ? spaceEnd(from: start) : runEnd(of: kind, from: body)
  }

  /// The same by Llama 3's pattern, with numbers of at most `digits` digits.
  func llama3WordEnd(from start: Int, digits: Int) -> Int {
    if let end = contractionEnd(from: start, ignoringCase: true) { return end }
    let (kind, length) = scalar(at: start)
    let body = start + length
    if kind == .letter { return runEnd(of: .letter, from: start) }
    if kind == .number { return runEnd(of: .number, from: start, limit: digits) }
    if body < bytes.count, !isNewline(bytes[start]), scalar(at: body).kind == .letter {
      return runEnd(of: .letter, from: body)
    }
    let marks = bytes[start] == space && body < bytes.count ? body : start
    if scalar(at: marks).kind == .other {
      var end = runEnd(of: .other, from: marks)
      while end < bytes.count, isNewline(bytes[end]) { end += 1 }
      return end
    }
    let run = bytes[start..<runEnd(of: .space, from: start)]
    if let newline = run.lastIndex(where: isNewline) { return newline + 1 }
    return spaceEnd(from: start)
  }

  /// `\s+(?!\S)|\s+`: white space up to, but without, the scalar before a word, which goes with the word.
  private func spaceEnd(from start: Int) -> Int {
    let end = runEnd(of: .space, from: start)
    guard end < bytes.count else { return end }
    var last = end - 1
    while last > start, isContinuation(bytes[last]) { last -= 1 }
    return last > start ? last : end
  }

  private func runEnd(of kind: ScalarKind, from start: Int, limit: Int = .max) -> Int {
    var (end, count) = (start, 0)
    while end < bytes.count, count < limit {
      let next = scalar(at: end)
      guard next.kind == kind else { break }
      end += next.length
      count += 1
    }
    return end
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`. Without regard to case, `ſ` is an `s`: it is the one scalar beyond ASCII that folds into
  /// one of these letters.
  private func contractionEnd(from start: Int, ignoringCase: Bool) -> Int? {
    guard bytes[start] == UInt8(ascii: "'"), start + 1 < bytes.count else { return nil }
    let lowered: (Int) -> UInt8 = { at in
      at < bytes.count ? (ignoringCase && bytes[at] < 0x80 ? bytes[at] | 0x20 : bytes[at]) : 0
    }
    switch (lowered(start + 1), lowered(start + 2)) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
      return start + 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return start + 3
    case (0xc5, 0xbf) where ignoringCase: return start + 3
    default: return nil
    }
  }

  private func scalar(at index: Int) -> (kind: ScalarKind, length: Int) {
    let (value, length) = decodeScalar(bytes, at: index)
    return (ScalarKind(value), length)
  }

  private var space: UInt8 { UInt8(ascii: " ") }
  private func isNewline(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }
}

/// What the patterns tell apart: `\p{L}`, `\p{N}`, `\s` and the rest.
enum ScalarKind: UInt8 {
  case letter, number, space, other

  init(_ value: UInt32) {
    switch value {
    case 0x41...0x5a, 0x61...0x7a: self = .letter
    case 0x30...0x39: self = .number
    case 9...13, 32: self = .space
    case 0..<0x80: self = .other
    default:
      let traits = ScalarTraits(value)
      self = traits.isLetter ? .letter : traits.isNumber ? .number : traits.isSpace ? .space : .other
    }
  }
}
