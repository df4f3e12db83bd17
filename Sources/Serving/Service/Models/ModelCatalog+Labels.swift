import Engine
import Registry
import WireProtocol

extension ModelCatalog {
  /// Points a label at a version that runs, in one transaction. Requests for the label go there from now on.
  ///
  /// - Returns: The version that the label pointed to before.
  func promote(_ id: VersionID, to label: Label, by origin: Origin) throws(WireError) -> VersionID? {
    let previous = try wire { () throws(RegistryError) in
      let record = try registry.resolve(.init(id.model, .version(id.number)))
      let task = DefaultTask(architecture: record.architecture)
      return try registry.promote(id, to: label, defaultFor: task, by: origin)
    }
    bookkeeping.note(id, .live, by: origin)
    forgetRoutes()
    return previous.map { VersionID(id.model, $0) }
  }

  func rollback(_ model: ModelName, _ label: Label, by origin: Origin) throws(WireError) -> VersionID {
    let target = try wire { () throws(RegistryError) in
      try registry.rollback(model, label: label, by: origin).id
    }
    bookkeeping.note(target, .live, by: origin)
    forgetRoutes()
    return target
  }

  /// Takes a label away.
  ///
  /// - Returns: The version that it pointed to.
  func unlabel(_ model: ModelName, _ label: Label, by origin: Origin) throws(WireError) -> VersionID {
    let id = try wire { () throws(RegistryError) in try registry.unlabel(model, label, by: origin).id }
    forgetRoutes()
    return id
  }

  /// Running versions of a model that no label points to any more.
  func unlabelled(_ model: ModelName) throws(WireError) -> [VersionID] {
    let record = try wire { () throws(RegistryError) in try registry.model(model) }
    let labelled = Set(record.labels.map(\.version))
    return loaded.map(\.id).filter { $0.model == model && !labelled.contains($0.number) }
  }

  /// Forgets a version that is not loaded, and deletes its pack unless another version has the same one.
  func remove(_ id: VersionID, force: Bool, by origin: Origin) throws(WireError) {
    guard loaded(id) == nil else { throw WireError(RegistryError.inUse(id)) }
    let orphan = try wire { () throws(RegistryError) in try registry.remove(id, force: force, by: origin) }
    forgetRoutes()
    // If that fails, the next start sets the blob aside, because no version names it.
    if let orphan { try? blobs.remove(orphan) }
  }
}
