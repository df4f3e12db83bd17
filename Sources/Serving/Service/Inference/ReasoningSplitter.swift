/// Tells a model's thoughts, between `<think>` and `</think>`, from its answer, in text that comes in pieces.
///
/// What may be the beginning of a tag is held back. The tags belong to neither part, and nor do the line breaks inside of
/// them and behind the second, which are layout. A thought that nothing ends lasts to the end of the text.
struct ReasoningSplitter {
  enum Part: Equatable {
    case answer(String)
    case reasoning(String)
  }
  static let opening = "<think>"
  static let closing = "</think>"
  /// Line breaks that wait for a closing tag; a bound, so that a piece costs no more than its length.
  private static let mostHeldBreaks = 16

  private(set) var isThinking: Bool
  private var held: [UInt8] = []
  /// Whether a tag has just ended, so that line breaks are layout.
  private var isBehindTag: Bool

  /// - Parameter isThinking: Whether the prompt has opened a thought.
  init(isThinking: Bool) {
    self.isThinking = isThinking
    isBehindTag = isThinking
  }

  /// The parts that are certain with `piece`; neighbouring parts are of different kinds.
  ///
  /// - Complexity: O(bytes of the piece).
  mutating func append(_ piece: String) -> [Part] {
    held += Array(piece.utf8)
    var parts: [Part] = []
    while let tag = Self.firstIndex(of: currentTag, in: held[...]) {
      take(tag, into: &parts)
      held.removeFirst(currentTag.count)
      isThinking.toggle()
      isBehindTag = true
    }
    dropLayout()
    take(held.count - openSuffix(), into: &parts)
    return parts
  }

  /// What was held back when the text ended.
  mutating func finish() -> [Part] {
    var parts: [Part] = []
    dropLayout()
    take(held.count, into: &parts)
    return parts
  }

  /// The tag that ends the current part.
  private var currentTag: [UInt8] { Array((isThinking ? Self.closing : Self.opening).utf8) }

  private mutating func dropLayout() {
    guard isBehindTag else { return }
    held.removeFirst(held.prefix { $0 == newline }.count)
    isBehindTag = held.isEmpty
  }

  /// Moves the first `count` bytes into a part; thoughts lose the line breaks in front of their closing tag.
  private mutating func take(_ count: Int, into parts: inout [Part]) {
    let before = held.count
    dropLayout()
    let rest = max(0, count - (before - held.count))
    var text = held[..<rest]
    held.removeFirst(rest)
    let endsThought = isThinking && held.starts(with: currentTag)
    while endsThought, text.last == newline { text.removeLast() }
    guard !text.isEmpty else { return }
    let part = String(decoding: text, as: UTF8.self)
    parts.append(isThinking ? .reasoning(part) : .answer(part))
  }

  /// The length of the longest end of what is held that may begin the tag, with the line breaks that a closing tag drops.
  private func openSuffix() -> Int {
    let tag = currentTag
    let longest = min(held.count, tag.count - 1)
    let open = (0...longest).last { tag.starts(with: held.suffix($0)) } ?? 0
    guard isThinking else { return open }
    let breaks = held.dropLast(open).suffix(Self.mostHeldBreaks).reversed().prefix { $0 == newline }
    return open + breaks.count
  }

  private static func firstIndex(of tag: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    guard text.count >= tag.count else { return nil }
    return (text.startIndex...text.endIndex - tag.count).first {
      text[$0] == tag[0] && text[$0...].starts(with: tag)
    }
  }
}

private let newline = UInt8(ascii: "\n")
