/// A parsed pattern.
indirect enum PatternNode: Sendable {
  case set(ScalarSet)
  case sequence([PatternNode])
  /// The first that leads to a match is taken.
  case alternation([PatternNode])
  case repetition(PatternNode, min: Int, max: Int?, Greed)
  case look(behind: Bool, negative: Bool, PatternNode)
  case assertion(Assertion)

  enum Greed: Sendable { case greedy, lazy, possessive }

  enum Assertion: Sendable {
    case textStart, textEnd, textEndOrNewline, lineStart, lineEnd, wordBorder, noWordBorder
  }

  static let empty = PatternNode.sequence([])

  /// The set, where the node is one scalar.
  var singleSet: ScalarSet? {
    switch self {
    case .set(let set): return set
    case .sequence(let parts): return parts.count == 1 ? parts[0].singleSet : nil
    case .alternation(let branches):
      let sets = branches.compactMap(\.singleSet)
      return sets.count == branches.count ? .union(sets) : nil
    case .repetition, .look, .assertion: return nil
    }
  }

  /// The scalars that a match can begin with; nil where it can be empty.
  var first: ScalarSet? {
    switch self {
    case .set(let set): return set
    case .sequence(let parts):
      var sets: [ScalarSet] = []
      for part in parts {
        switch part {
        case .look, .assertion: continue
        case .repetition(let body, min: 0, _, _):
          guard let set = body.first else { return nil }
          sets.append(set)
        default:
          guard let set = part.first else { return nil }
          return .union(sets + [set])
        }
      }
      return nil
    case .alternation(let branches):
      let sets = branches.compactMap(\.first)
      return sets.count == branches.count ? .union(sets) : nil
    case .repetition(let body, let min, _, _): return min > 0 ? body.first : nil
    case .look, .assertion: return nil
    }
  }
}

/// Why a pattern cannot be used.
struct PatternError: Error {
  let reason: String
}
