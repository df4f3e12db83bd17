import Vocabulary

/// The name of a model: `[a-z0-9][a-z0-9._-]{0,63}`.
package struct ModelName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let description: String

  /// - Throws: ``RegistryError/invalidName(what:found:)``
  package init(_ text: String) throws(RegistryError) {
    guard ModelReference.isName(text) else { throw .invalidName(what: "model name", found: text) }
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
    guard ModelReference.isName(text) else { throw .invalidName(what: "label", found: text) }
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

/// A ``ModelReference`` whose names are checked and whose label is known: a bare name means ``Label/stable``.
package struct VersionReference: Hashable, Sendable, CustomStringConvertible {
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

  /// - Throws: ``RegistryError/invalidName(what:found:)``
  package init(_ reference: ModelReference) throws(RegistryError) {
    model = try ModelName(reference.name)
    switch reference.selector {
    case .current: selector = .label(.stable)
    case .version(let number): selector = .version(number)
    case .label(let label): selector = .label(try Label(label))
    }
  }

  /// - Throws: ``RegistryError/invalidReference(_:)``
  package init(parsing text: String) throws(RegistryError) {
    guard let reference = ModelReference(text) else { throw .invalidReference(text) }
    try self.init(reference)
  }

  package var description: String {
    switch selector {
    case .version(let number): "\(model):\(number)"
    case .label(.stable): model.description
    case .label(let label): "\(model)@\(label)"
    }
  }
}
