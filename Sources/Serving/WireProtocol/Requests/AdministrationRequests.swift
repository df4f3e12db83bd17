import Vocabulary

/// Installs the model file whose descriptor came with the line, as the next version of `name`.
package struct InstallRequest: Sendable, Equatable {
  /// The name to install under; nil takes the one inside the file.
  package var name: String?
  /// A label to move to the new version once it is verified.
  package var label: String?
  /// Installs although the file's quality record misses the gate.
  package var force: Bool

  package init(name: String? = nil, label: String? = nil, force: Bool = false) {
    self.name = name
    self.label = label
    self.force = force
  }

  init(_ fields: inout Fields) throws(WireError) {
    guard try fields.bool("fd") ?? false else {
      throw WireError(
        .badRequest, "op 'install' needs 'fd': true and the file's descriptor; paths are never opened",
        parameter: "fd")
    }
    name = try fields.name("name")
    label = try fields.name("label")
    force = try fields.bool("force") ?? false
  }
}

/// Moves a label to a version, loading it first; the old version drains.
package struct PromoteRequest: Sendable, Equatable {
  /// The label that a request without version or label resolves to.
  package static let defaultLabel = "stable"

  package var label: String
  /// Promotes although the quality record misses the gate.
  package var force: Bool

  package init(label: String = defaultLabel, force: Bool = false) {
    self.label = label
    self.force = force
  }

  init(_ fields: inout Fields) throws(WireError) {
    label = try fields.name("label") ?? Self.defaultLabel
    force = try fields.bool("force") ?? false
  }
}

/// Deletes a version that is not loaded.
package struct RemoveRequest: Sendable, Equatable {
  /// Removes the version although labels point to it; they fall back to the version before, or disappear.
  package var force: Bool

  package init(force: Bool = false) { self.force = force }

  init(_ fields: inout Fields) throws(WireError) { force = try fields.bool("force") ?? false }
}

extension Fields {
  /// A model's or a label's name.
  mutating func name(_ field: String) throws(WireError) -> String? {
    guard let text = try string(field, bytes: 1...64) else { return nil }
    guard ModelReference.isName(text) else {
      throw WireError(.badRequest, "'\(field)' must match [a-z0-9][a-z0-9._-]{0,63}", parameter: field)
    }
    return text
  }
}
