import JSON

/// The client's name for a request, echoed on every answer in the type in which it came.
package enum RequestID: Sendable, Hashable, CustomStringConvertible {
  case text(String)
  case integer(Int)

  /// The longest textual id.
  package static let maximumBytes = 128

  /// The id that a JSON value spells: an integer, or a string of 1...``maximumBytes`` bytes.
  package init?(_ json: JSONValue) {
    switch json {
    case .integer(let number): self = .integer(number)
    case .string(let text) where (1...Self.maximumBytes).contains(text.utf8.count): self = .text(text)
    default: return nil
    }
  }

  package var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .integer(let number): .integer(number)
    }
  }

  package var description: String {
    switch self {
    case .text(let text): text
    case .integer(let number): "\(number)"
    }
  }
}
