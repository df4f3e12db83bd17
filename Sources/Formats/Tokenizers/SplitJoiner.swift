/// Joins matches and what lies between them into words, by a ``SplitBehavior``.
///
/// It takes pieces from left to right and holds at most one back.
struct SplitJoiner {
  let behavior: SplitBehavior
  private var held: Range<Int>?
  private var heldIsMatch = false

  init(_ behavior: SplitBehavior) { self.behavior = behavior }

  /// Takes the next piece, which may be empty; `word` gets what is complete, never anything empty.
  @inline(__always)
  mutating func add(_ piece: Range<Int>, isMatch: Bool, _ word: (Range<Int>) -> Void) {
    switch behavior {
    case .isolated: if !piece.isEmpty { word(piece) }
    case .removed: if !isMatch, !piece.isEmpty { word(piece) }
    case .mergedWithPrevious, .mergedWithNext, .contiguous: join(piece, isMatch, word)
    }
  }

  mutating func finish(_ word: (Range<Int>) -> Void) {
    if let held, !held.isEmpty { word(held) }
    held = nil
  }

  /// Whether a piece goes with the one before it.
  private mutating func join(_ piece: Range<Int>, _ isMatch: Bool, _ word: (Range<Int>) -> Void) {
    let joins =
      switch behavior {
      case .mergedWithPrevious: isMatch && !heldIsMatch
      case .mergedWithNext: heldIsMatch && !isMatch
      case .contiguous, .isolated, .removed: heldIsMatch == isMatch
      }
    if let held, joins {
      self.held = held.lowerBound..<piece.upperBound
    } else {
      finish(word)
      held = piece
    }
    heldIsMatch = isMatch
  }
}
