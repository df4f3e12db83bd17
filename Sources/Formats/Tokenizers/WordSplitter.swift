/// Cuts text into words by the steps of a tokenizer, one step after another.
///
/// Words are handed on as they are found; nothing is kept of a text but what a step rewrites.
struct WordSplitter: Sendable {
  enum Step {
    case cut(TextCutter, SplitBehavior, inverted: Bool)
    case space, spell
    case metaspace(marker: [UInt8], SplitStep.PrependScheme)
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
      steps.append(.metaspace(marker: Array(marker.utf8), scheme))
      if splits {
        steps.append(.cut(.literal(Array(marker.utf8)), .mergedWithNext, inverted: false))
      }
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
    guard !steps.isEmpty else { return word(text) }
    var batches = WordBatches(steps)
    guard isSpelled else { return batches.run(text, isStart: isStart, word) }
    batches.run(text, isStart: isStart) { spelled in
      (ByteLevelAlphabet.bytes(of: spelled) ?? Array(spelled)).withUnsafeBufferPointer(word)
    }
  }
}
