/// Which model a request means, parsed here and nowhere else: `name`, `name:3` or `name@label`.
///
/// Names and labels match `[a-z0-9][a-z0-9._-]{0,63}`, so they are safe in file names, logs and metrics.
package struct ModelReference: Sendable, Hashable, CustomStringConvertible {
  package enum Selector: Sendable, Hashable {
    /// The version that the service currently answers with.
    case current
    case version(Int)
    case label(String)
  }
  package let name: String
  package let selector: Selector

  /// The longest spelling: two names and a separator.
  package static let maximumBytes = 129
  /// The form of a reference, for messages.
  package static let form = "name, name:version or name@label, where names match [a-z0-9][a-z0-9._-]{0,63}"

  /// The reference to `name`; nil where ``isName(_:)`` does not accept it.
  package init?(name: String, selector: Selector) {
    guard Self.isName(name) else { return nil }
    switch selector {
    case .current: break
    case .version(let number): guard number > 0 else { return nil }
    case .label(let label): guard Self.isName(label) else { return nil }
    }
    self.name = name
    self.selector = selector
  }

  /// The reference that `text` spells, or nil when it has none of the three forms.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.maximumBytes else { return nil }
    if let colon = text.firstIndex(of: ":") {
      let digits = text[text.index(after: colon)...]
      // One spelling for each version: neither +3 nor 03.
      guard let number = Int(digits), String(number) == digits else { return nil }
      self.init(name: String(text[..<colon]), selector: .version(number))
    } else if let at = text.firstIndex(of: "@") {
      self.init(name: String(text[..<at]), selector: .label(String(text[text.index(after: at)...])))
    } else {
      self.init(name: text, selector: .current)
    }
  }

  package var description: String {
    switch selector {
    case .current: name
    case .version(let number): "\(name):\(number)"
    case .label(let label): "\(name)@\(label)"
    }
  }

  /// Whether `text` may name a model or a label.
  package static func isName(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count), let first = text.utf8.first else { return false }
    return isLetterOrDigit(first) && text.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
