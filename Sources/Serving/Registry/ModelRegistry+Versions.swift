extension ModelRegistry {
  /// All models that have versions, by name.
  package func models() throws(RegistryError) -> [ModelRecord] {
    try read { connection throws(RegistryError) in
      var models: [ModelRecord] = []
      for name in try connection.modelNames() {
        let versions = try connection.versions(of: name)
        guard !versions.isEmpty else { continue }
        models.append(ModelRecord(name: name, versions: versions, labels: try connection.labels(of: name)))
      }
      return models
    }
  }

  /// One model with its versions and labels.
  ///
  /// - Throws: ``RegistryError/unknownModel(_:)``
  package func model(_ name: ModelName) throws(RegistryError) -> ModelRecord {
    try read { connection throws(RegistryError) in
      let versions = try connection.versions(of: name)
      guard !versions.isEmpty else { throw .unknownModel(name) }
      return ModelRecord(name: name, versions: versions, labels: try connection.labels(of: name))
    }
  }

  /// The version that a reference means now.
  ///
  /// - Throws: ``RegistryError/unknownModel(_:)``, ``RegistryError/unknownVersion(_:)``, or
  ///   ``RegistryError/labelNotSet(_:_:)``, also where a bare name has no `stable` version.
  package func resolve(_ reference: VersionReference) throws(RegistryError) -> VersionRecord {
    try read { connection throws(RegistryError) in try connection.resolve(reference) }
  }

  /// Registers a blob that is in the store already as the model's next version.
  ///
  /// The same bytes under the same name are one version, however often they are installed.
  package func install(_ new: Installation, by origin: Origin) throws(RegistryError) -> InstallOutcome {
    try change { connection throws(RegistryError) in
      let present = try connection.versions(of: new.model).first { $0.digest == new.digest }
      if let present { return .present(present) }
      try connection.execute("INSERT OR IGNORE INTO models (name) VALUES (?)", SQLValue(new.model))
      try connection.execute(
        "UPDATE models SET last_number = last_number + 1 WHERE name = ?", SQLValue(new.model))
      try connection.execute(
        """
        INSERT INTO versions
          (model_id, number, digest, bytes, architecture, state, quality, note, created, created_by)
        SELECT id, last_number, ?, ?, ?, 'installed', ?, ?, ?, ? FROM models WHERE name = ?
        """,
        SQLValue(new.digest), SQLValue(new.bytes), .text(new.architecture), .text(new.quality),
        .text(new.note), SQLValue(origin.time.milliseconds), SQLValue(origin.uid), SQLValue(new.model))
      guard let added = try connection.versions(of: new.model).last else { throw .unknownModel(new.model) }
      try connection.log(.install, added.id, "sha256 \(new.digest), \(new.bytes) bytes", by: origin)
      return .added(added)
    }
  }

  /// Records the states of versions, as history for people: no answer and no start depends on it.
  ///
  /// - Throws: Where another process holds the file, after at most a quarter of a second.
  package func note(_ states: [VersionID: VersionState], by origin: Origin) throws(RegistryError) {
    try bookkeep { connection throws(RegistryError) in
      for (id, state) in states {
        // A version may have been removed since.
        guard let key = try? connection.key(of: id) else { continue }
        try connection.execute(
          "UPDATE versions SET state = ?, reason = ? WHERE id = ?", .text(state.name),
          state.reason.map { .text($0) } ?? nil, SQLValue(key.version))
        try connection.log(.state, id, state.description, by: origin)
      }
    }
  }

  /// Says whether a start loads a version that a label points to.
  package func setStarts(_ starts: Bool, _ id: VersionID, by origin: Origin) throws(RegistryError) {
    try change { connection throws(RegistryError) in
      try connection.setStarts(starts, connection.key(of: id).version)
      try connection.log(starts ? .load : .unload, id, "", by: origin)
    }
  }

  /// Throws unless the file can be changed now.
  package func tryToWrite() throws(RegistryError) {
    try bookkeep { connection throws(RegistryError) in
      try connection.execute("UPDATE changes SET number = number")
    }
  }

  /// Marks every version that a stopped daemon left loading, ready, live or draining as unloaded.
  ///
  /// - Returns: Those versions; call it once at start, before anything is loaded.
  package func recover(by origin: Origin) throws(RegistryError) -> [VersionID] {
    try bookkeep { connection throws(RegistryError) in
      var recovered: [VersionID] = []
      for model in try connection.modelNames() {
        for version in try connection.versions(of: model) where version.state.isActive {
          let key = try connection.key(of: version.id)
          try connection.execute("UPDATE versions SET state = 'unloaded' WHERE id = ?", SQLValue(key.version))
          try connection.log(.recover, version.id, "was \(version.state) when the daemon stopped", by: origin)
          recovered.append(version.id)
        }
      }
      return recovered
    }
  }

  /// Forgets a version. The caller makes sure that it does not run.
  ///
  /// - Parameter force: Forgets it even if a label points to it while there are other versions. The label then
  ///   falls back to the version before, or disappears. The labels of a model's only version go with it in any
  ///   case.
  /// - Returns: The version's blob if no other version names it, for the store to remove; otherwise `nil`.
  /// - Throws: ``RegistryError/labelled(_:_:)`` unless forced.
  package func remove(_ id: VersionID, force: Bool, by origin: Origin) throws(RegistryError) -> BlobDigest? {
    try change { connection throws(RegistryError) in
      let version = try connection.version(id)
      let labels = try connection.labels(of: id.model).filter { $0.version == id.number }.map(\.label)
      let isOnlyVersion = try connection.versions(of: id.model).count == 1
      guard labels.isEmpty || isOnlyVersion || force else { throw .labelled(id, labels) }
      let key = try connection.key(of: id)
      try connection.execute("DELETE FROM promotions WHERE version_id = ?", SQLValue(key.version))
      try connection.execute("DELETE FROM versions WHERE id = ?", SQLValue(key.version))
      try connection.dropDefaultsWithoutVersion(of: id.model)
      try connection.log(.remove, id, "sha256 \(version.digest)\(force ? ", forced" : "")", by: origin)
      let users = try connection.rows(
        "SELECT 1 FROM versions WHERE digest = ? LIMIT 1", SQLValue(version.digest)
      ) { $0.integer(0) }
      return users.isEmpty ? version.digest : nil
    }
  }

  /// The blobs that some version names; others in the store are left over from a crash.
  package func digests() throws(RegistryError) -> Set<BlobDigest> {
    try read { connection throws(RegistryError) in
      Set(
        try connection.rows("SELECT DISTINCT digest FROM versions") { row throws(RegistryError) in
          try BlobDigest(hex: row.text(0))
        })
    }
  }
}
