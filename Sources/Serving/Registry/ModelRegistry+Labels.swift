extension ModelRegistry {
  /// Points a label at a version, and has it loaded at every start from now on. If `task` has no default model,
  /// this model becomes it.
  ///
  /// - Returns: The version that the label pointed to before; the same one if it pointed there already.
  package func promote(
    _ id: VersionID, to label: Label, defaultFor task: DefaultTask? = nil, by origin: Origin
  ) throws(RegistryError) -> Int? {
    try change { connection throws(RegistryError) in
      let key = try connection.key(of: id)
      try connection.setStarts(true, key.version)
      let previous = try connection.promotions(of: label, id.model).first?.version
      if previous != id.number {
        try connection.execute(
          "INSERT INTO promotions (model_id, label, version_id) VALUES (?, ?, ?)", SQLValue(key.model),
          SQLValue(label), SQLValue(key.version))
        try connection.log(
          .promote, id, "\(label): \(previous.map(String.init) ?? "nothing") → \(id.number)", by: origin)
      }
      if let task { try connection.fillDefault(id.model, task, by: origin) }
      return previous
    }
  }

  /// Takes a label away from its model.
  ///
  /// - Returns: The version that it pointed to.
  /// - Throws: ``RegistryError/labelNotSet(_:_:)``
  package func unlabel(
    _ model: ModelName, _ label: Label, by origin: Origin
  ) throws(RegistryError) -> VersionRecord {
    try change { connection throws(RegistryError) in
      let record = try connection.resolve(VersionReference(model, .label(label)))
      try connection.execute(
        "DELETE FROM promotions WHERE label = ? AND model_id = (SELECT id FROM models WHERE name = ?)",
        SQLValue(label), SQLValue(model))
      try connection.dropDefaultsWithoutVersion(of: model)
      try connection.log(.unlabel, record.id, "\(label): \(record.id.number) → nothing", by: origin)
      return record
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
      try connection.setStarts(true, connection.key(of: id).version)
      try connection.log(.rollback, id, "\(label): \(current.version) → \(previous.version)", by: origin)
      return try connection.version(id)
    }
  }

  /// The model that a task uses when a request names none.
  package func defaultModel(for task: DefaultTask) throws(RegistryError) -> VersionReference? {
    try read { connection throws(RegistryError) in
      try connection.rows("SELECT reference FROM defaults WHERE task = ?", .text(task.rawValue)) {
        row throws(RegistryError) in try VersionReference(parsing: row.text(0))
      }.first
    }
  }

  /// Sets the model that a task uses when a request names none; `nil` unsets it.
  ///
  /// - Throws: ``RegistryError/unknownModel(_:)`` or another error of ``resolve(_:)``: a default must exist.
  package func setDefault(
    _ reference: VersionReference?, for task: DefaultTask, by origin: Origin
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

extension Connection {
  /// Makes a model the default of a task that has none.
  fileprivate borrowing func fillDefault(
    _ model: ModelName, _ task: DefaultTask, by origin: Origin
  ) throws(RegistryError) {
    let known = try rows("SELECT 1 FROM defaults WHERE task = ?", .text(task.rawValue)) { $0.integer(0) }
    guard known.isEmpty else { return }
    let reference = VersionReference(model)
    try execute(
      "INSERT INTO defaults (task, model_id, reference) SELECT ?, id, ? FROM models WHERE name = ?",
      .text(task.rawValue), SQLValue(reference), SQLValue(model))
    try log(.setDefault, nil, "\(task.rawValue): \(reference)", by: origin)
  }

  /// Forgets the model's entries among the defaults whose version was removed or whose label is gone.
  borrowing func dropDefaultsWithoutVersion(of model: ModelName) throws(RegistryError) {
    let defaults = try rows(
      "SELECT task, reference FROM defaults JOIN models ON models.id = model_id WHERE name = ?",
      SQLValue(model)
    ) { row throws(RegistryError) in
      (task: row.text(0), reference: try VersionReference(parsing: row.text(1)))
    }
    for entry in defaults where (try? resolve(entry.reference)) == nil {
      try execute("DELETE FROM defaults WHERE task = ?", .text(entry.task))
    }
  }

  /// Notes whether a start loads a version that a label points to.
  borrowing func setStarts(_ starts: Bool, _ version: Int64) throws(RegistryError) {
    try execute("UPDATE versions SET starts = ? WHERE id = ?", starts ? 1 : 0, SQLValue(version))
  }
}
