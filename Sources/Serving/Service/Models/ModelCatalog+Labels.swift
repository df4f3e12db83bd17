import Engine
import Registry
import WireProtocol

extension ModelCatalog {
  /// Points a label at a version that runs, in one transaction; requests from now on go there.
  ///
  /// - Returns: The version that the label pointed to before.
  func promote(_ id: VersionID, to label: Label, by origin: Origin) throws(WireError) -> VersionID? {
    let previous = try wire { () throws(RegistryError) in try registry.promote(id, to: label, by: origin) }
    try settle(id, by: origin)
    return previous.map { VersionID(id.model, $0) }
  }

  func rollback(_ model: ModelName, _ label: Label, by origin: Origin) throws(WireError) -> VersionID {
    let target = try wire { () throws(RegistryError) in
      try registry.rollback(model, label: label, by: origin).id
    }
    try settle(target, by: origin)
    return target
  }

  /// After labels moved: new routes, states, and a default for a task that has none.
  private func settle(_ id: VersionID, by origin: Origin) throws(WireError) {
    try wire { () throws(RegistryError) in
      let record = try registry.resolve(.init(id.model, .version(id.number)))
      let task = DefaultTask(architecture: record.architecture)
      if try registry.defaultModel(for: task) == nil {
        try registry.setDefault(.init(id.model), for: task, by: origin)
      }
    }
    try note(id, .live, origin)
    forgetRoutes()
  }

  /// Running versions of a model that no label points to any more.
  func unlabelled(_ model: ModelName) throws(WireError) -> [VersionID] {
    let record = try wire { () throws(RegistryError) in try registry.model(model) }
    let labelled = Set(record.labels.map(\.version))
    return loaded.map(\.id).filter { $0.model == model && !labelled.contains($0.number) }
  }

  func remove(_ id: VersionID, force: Bool, by origin: Origin) throws(WireError) {
    let orphan = try wire { () throws(RegistryError) in try registry.remove(id, force: force, by: origin) }
    forgetRoutes()
    if let orphan { try? blobs.remove(orphan) }  // left for the next start where it fails: nothing names it
  }
}
