/// Bounds on a text, applied before anything is interpreted.
package enum JSONLimits {
  /// The longest line of the protocol, without its newline.
  package static let lineBytes = 8 << 20
  /// The largest file.
  package static let fileBytes = 256 << 20
  /// The deepest nesting of arrays and objects.
  package static let depth = 64
  /// The longest spelling of one number.
  static let numberBytes = 400
}

/// Why a text is not the JSON that is accepted, and where; never quotes the text itself.
package struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
  package enum Problem: Sendable, Equatable {
    case expected(String)
    case trailing, tooDeep, duplicate, controlCharacter, badEscape, loneSurrogate, notUTF8, numberRange
    case tooLong(Int, limit: Int)
  }
  /// The byte at which reading stopped, counted from 0.
  package let offset: Int
  package let problem: Problem

  package init(offset: Int, problem: Problem) {
    self.offset = offset
    self.problem = problem
  }

  package var description: String { "not valid JSON at byte \(offset): \(reason)" }

  private var reason: String {
    switch problem {
    case .expected(let what): "expected \(what)"
    case .trailing: "text follows the value"
    case .tooDeep: "arrays and objects nest deeper than \(JSONLimits.depth)"
    case .duplicate: "an object has the same member name twice"
    case .controlCharacter: "a control character in a string; write it as \\u00XX"
    case .badEscape: "unknown escape after '\\'"
    case .loneSurrogate: "half of a surrogate pair"
    case .notUTF8: "a string is not valid UTF-8"
    case .numberRange: "a number is outside the range of 64-bit floating point"
    case .tooLong(let count, let limit): "it has \(count) bytes, at most \(limit) are read"
    }
  }
}
