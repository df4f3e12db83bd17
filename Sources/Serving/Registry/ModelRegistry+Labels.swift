extension ModelRegistry {
  /// Points a label at a version.
  ///
  /// - Returns: The version that the label pointed to before; the same one if nothing had to change.
  package func promote(_ id: VersionID, to label: Label, by origin: Origin) throws(RegistryError) -> Int? {
    try change { connection throws(RegistryError) in
      let key = try connection.key(of: id)
      let previous = try connection.promotions(of: label, id.model).first?.version
      guard previous != id.number else { return previous }
      try connection.execute(
        "INSERT INTO promotions (model_id, label, version_id) VALUES (?, ?, ?)", SQLValue(key.model),
        SQLValue(label), SQLValue(key.version))
      try connection.log(
        .promote, id, "\(label): \(previous.map(String.init) ?? "nothing") → \(id.number)", by: origin)
      return previous
    }
  }

  /// Points a label at the version that it had before its last promotion.
  ///
  /// - Returns: The version that the label points to now.
  /// - Throws: ``RegistryError/labelNotSet(_:_:)`` or ``RegistryError/nothingBefore(_:_:version:)``
  package func rollback(
    _ model: ModelName, label: Label, by origin: Origin
  ) throws(RegistryError) -> VersionRecord {
    try change { connection throws(RegistryError) in
      let stack = try connection.promotions(of: label, model)
      guard let current = stack.first else {
        throw try connection.versions(of: model).isEmpty ? .unknownModel(model) : .labelNotSet(model, label)
      }
      guard let previous = stack.dropFirst().first else {
        throw .nothingBefore(model, label, version: current.version)
      }
      try connection.execute(
        """
        DELETE FROM promotions
        WHERE id > ? AND label = ? AND model_id = (SELECT id FROM models WHERE name = ?)
        """, SQLValue(previous.key), SQLValue(label), SQLValue(model))
      let id = VersionID(model, previous.version)
      try connection.log(.rollback, id, "\(label): \(current.version) → \(previous.version)", by: origin)
      return try connection.version(id)
    }
  }

  /// The model that a task uses when a request names none.
  package func defaultModel(for task: DefaultTask) throws(RegistryError) -> ModelReference? {
    try read { connection throws(RegistryError) in
      try connection.rows("SELECT reference FROM defaults WHERE task = ?", .text(task.rawValue)) {
        row throws(RegistryError) in try ModelReference(parsing: row.text(0))
      }.first
    }
  }

  /// Sets the model that a task uses when a request names none; `nil` unsets it.
  ///
  /// - Throws: ``RegistryError/unknownModel(_:)`` or another error of ``resolve(_:)``: a default must exist.
  package func setDefault(
    _ reference: ModelReference?, for task: DefaultTask, by origin: Origin
  ) throws(RegistryError) {
    guard let reference else { return try unsetDefault(for: task, by: origin) }
    try change { connection throws(RegistryError) in
      let version = try connection.resolve(reference)
      let key = try connection.key(of: version.id)
      try connection.execute(
        "INSERT OR REPLACE INTO defaults (task, model_id, reference) VALUES (?, ?, ?)", .text(task.rawValue),
        SQLValue(key.model), SQLValue(reference))
      try connection.log(.setDefault, version.id, "\(task.rawValue): \(reference)", by: origin)
    }
  }

  private func unsetDefault(for task: DefaultTask, by origin: Origin) throws(RegistryError) {
    try change { connection throws(RegistryError) in
      try connection.execute("DELETE FROM defaults WHERE task = ?", .text(task.rawValue))
      try connection.log(.setDefault, nil, "\(task.rawValue): none", by: origin)
    }
  }
}
