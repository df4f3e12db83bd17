/// Letters, digits, '.', '_' and '-': a name can be a path component, a label in metrics and a shell word.
private func isName(_ text: String) -> Bool {
  func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
  guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 64 else { return false }
  return text.utf8.allSatisfy { isAlphanumeric($0) || ".-_".utf8.contains($0) }
}

/// The name of a model: `[a-z0-9][a-z0-9._-]{0,63}`.
package struct ModelName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let description: String

  /// - Throws: ``RegistryError/invalidName(what:found:)``
  package init(_ text: String) throws(RegistryError) {
    guard isName(text) else { throw .invalidName(what: "model name", found: text) }
    description = text
  }

  package static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}

/// A name that points to one version of a model and can be moved: `[a-z0-9][a-z0-9._-]{0,63}`.
package struct Label: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let description: String

  /// The version that a bare model name means.
  package static let stable = Self(known: "stable")
  package static let canary = Self(known: "canary")

  /// - Throws: ``RegistryError/invalidName(what:found:)``
  package init(_ text: String) throws(RegistryError) {
    guard isName(text) else { throw .invalidName(what: "label", found: text) }
    description = text
  }

  private init(known text: String) { description = text }

  package static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}

/// One version of one model, shown as `name:3`.
package struct VersionID: Hashable, Sendable, CustomStringConvertible {
  package let model: ModelName
  /// Counts from 1 and is never used again, even after a removal.
  package let number: Int

  package init(_ model: ModelName, _ number: Int) {
    self.model = model
    self.number = number
  }

  package var description: String { "\(model):\(number)" }
}

/// What a client writes to name a version: `name`, `name:3` or `name@canary`.
package struct ModelReference: Hashable, Sendable, CustomStringConvertible {
  package enum Selector: Hashable, Sendable {
    case version(Int)
    case label(Label)
  }

  package let model: ModelName
  package let selector: Selector

  package init(_ model: ModelName, _ selector: Selector = .label(.stable)) {
    self.model = model
    self.selector = selector
  }

  /// - Throws: ``RegistryError/invalidReference(_:)`` or ``RegistryError/invalidName(what:found:)``
  package init(parsing text: String) throws(RegistryError) {
    guard let mark = text.firstIndex(where: { $0 == ":" || $0 == "@" }) else {
      try self.init(ModelName(text))
      return
    }
    let model = try ModelName(String(text[..<mark]))
    let rest = String(text[text.index(after: mark)...])
    if text[mark] == "@" {
      try self.init(model, .label(Label(rest)))
    } else {
      guard let number = Int(rest), number >= 1, String(number) == rest else { throw .invalidReference(text) }
      self.init(model, .version(number))
    }
  }

  package var description: String {
    switch selector {
    case .version(let number): "\(model):\(number)"
    case .label(.stable): model.description
    case .label(let label): "\(model)@\(label)"
    }
  }
}
