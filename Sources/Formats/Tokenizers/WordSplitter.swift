/// Cuts text into words by the steps of a tokenizer, one step after another.
///
/// Words are handed on as they are found; nothing is kept of a text but what a step rewrites.
struct WordSplitter: Sendable {
  private enum Step {
    case cut(TextCutter, SplitBehavior, inverted: Bool)
    case space, spell
    case metaspace(marker: [UInt8], SplitStep.PrependScheme, splits: Bool)
  }

  private var steps: [Step] = []

  /// The most steps a tokenizer may have.
  static let limit = 32

  /// Whether words are written by ``ByteLevelAlphabet`` when all steps are done.
  private let isSpelled: Bool

  /// - Parameter isSpelled: Whether the text comes so.
  init(_ steps: [SplitStep], isSpelled: Bool) throws(TokenizerError) {
    self.isSpelled = isSpelled || steps.contains(.spellBytes)
    guard steps.count <= Self.limit else { throw .tooManySteps(found: steps.count, limit: Self.limit) }
    var growth = GrowthBound()
    for step in steps {
      // In front of each word, which may be one byte.
      switch step {
      case .metaspace(let marker, _, _): try growth.multiply(by: marker.utf8.count + 1)
      case .byteLevel(addsSpace: true, _), .spellBytes: try growth.multiply(by: 2)
      default: break
      }
      try add(step)
    }
  }

  private mutating func add(_ step: SplitStep) throws(TokenizerError) {
    switch step {
    case .split(let pattern, let behavior, let inverted):
      steps.append(.cut(try TextCutter(pattern), behavior, inverted: inverted))
    case .digits(let individually):
      steps.append(.cut(.scalars(.number), individually ? .isolated : .contiguous, inverted: false))
    case .byteLevel(let addsSpace, let usesPattern):
      if addsSpace { steps.append(.space) }
      if usesPattern { steps.append(.cut(.known(.gpt2), .isolated, inverted: false)) }
    case .spellBytes: steps.append(.spell)
    case .metaspace(let marker, let scheme, let splits):
      steps.append(.metaspace(marker: Array(marker.utf8), scheme, splits: splits))
    case .words: steps.append(.cut(.scalars(.words), .removed, inverted: true))
    case .whitespace: steps.append(.cut(.scalars(.space), .removed, inverted: false))
    case .punctuation(let behavior): steps.append(.cut(.scalars(.punctuation), behavior, inverted: false))
    case .bert:
      steps.append(.cut(.scalars(.space), .removed, inverted: false))
      steps.append(.cut(.scalars(.punctuation), .isolated, inverted: false))
    }
  }

  /// The words of `text`.
  ///
  /// - Parameter isStart: Whether nothing stands before `text`.
  func forEachWord(
    in text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ word: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let memories = steps.map { _ in PatternMemory() }
    guard isSpelled else { return apply(0, to: text, isStart: isStart, memories, word) }
    apply(0, to: text, isStart: isStart, memories) { spelled in
      (ByteLevelAlphabet.bytes(of: spelled) ?? Array(spelled)).withUnsafeBufferPointer(word)
    }
  }

  private func apply(
    _ index: Int, to text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ memories: [PatternMemory],
    _ word: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard index < steps.count else { return word(text) }
    let isLast = index + 1 == steps.count
    switch steps[index] {
    case .cut(let cutter, let behavior, let inverted):
      cutter.forEachWord(in: text, behavior, inverted: inverted, memories[index]) { range in
        let part = UnsafeBufferPointer(rebasing: text[range])
        if isLast { return word(part) }
        apply(index + 1, to: part, isStart: isStart && range.lowerBound == 0, memories, word)
      }
    case .space:
      if text.first == UInt8(ascii: " ") {
        return apply(index + 1, to: text, isStart: isStart, memories, word)
      }
      ([UInt8(ascii: " ")] + text).withUnsafeBufferPointer {
        apply(index + 1, to: $0, isStart: isStart, memories, word)
      }
    case .spell:
      var spelled: [UInt8] = []
      spelled.reserveCapacity(2 * text.count)
      for byte in text { appendScalar(ByteLevelAlphabet.scalars[Int(byte)], to: &spelled) }
      spelled.withUnsafeBufferPointer { apply(index + 1, to: $0, isStart: isStart, memories, word) }
    case .metaspace(let marker, let scheme, let splits):
      let marked = Self.marking(text, marker, prepends: scheme == .always || scheme == .first && isStart)
      marked.withUnsafeBufferPointer { marked in
        guard splits else { return apply(index + 1, to: marked, isStart: isStart, memories, word) }
        TextCutter.literal(marker).forEachWord(in: marked, .mergedWithNext, inverted: false) { range in
          let part = UnsafeBufferPointer(rebasing: marked[range])
          apply(index + 1, to: part, isStart: isStart && range.lowerBound == 0, memories, word)
        }
      }
    }
  }

  /// The text with `marker` for every space, and one in front where it is to stand and does not.
  private static func marking(
    _ text: UnsafeBufferPointer<UInt8>, _ marker: [UInt8], prepends: Bool
  ) -> [UInt8] {
    var marked: [UInt8] = []
    marked.reserveCapacity(text.count + text.count / 2 + marker.count)
    if prepends, text.first != UInt8(ascii: " "), !text.starts(with: marker) { marked += marker }
    for byte in text {
      if byte == UInt8(ascii: " ") { marked += marker } else { marked.append(byte) }
    }
    return marked
  }
}
