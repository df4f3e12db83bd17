import Engine
import Glibc
import Registry
import Vocabulary
import WireProtocol

extension Service {
  /// Changes which versions are installed, running or labelled: one change at a time, in the order they came.
  func administer(
    _ change: Operation.Change, _ request: Request, _ files: [PassedFile], _ caller: Caller
  ) throws(WireError) {
    guard policy.rights.mayAdminister(caller.uid) else {
      throw WireError(
        .forbidden,
        "'\(change.name.rawValue)' is for administrators, and uid \(caller.uid) is none; see admin_users in quantd.conf"
      )
    }
    try book.enter(request.id, .change, on: caller.connection)
    administration.async { [self] in
      let origin = Origin(uid: caller.uid, time: .now)
      do throws(WireError) {
        let done = try perform(change, request, files, origin, caller)
        watchers.tell("\(change.name.rawValue) \(done.model)", done.json)
        finish(request.id, caller, .result(request.id, done))
        retireUnlabelled(done, origin)
        catalog.settle()
      } catch {
        finish(request.id, caller, .error(request.id, error))
      }
      if needsHealing { healSoon() }
    }
  }

  private func perform(
    _ change: Operation.Change, _ request: Request, _ files: [PassedFile], _ origin: Origin, _ caller: Caller
  ) throws(WireError) -> ModelChange {
    switch change {
    case .install(let install): return try self.install(install, files, origin, request.id, caller)
    case .load: return try load(target(request), origin)
    case .unload: return unload(try target(request), origin)
    case .promote(let promote):
      return try self.promote(target(request), label: promote.label, force: promote.force, origin)
    case .rollback(let label):
      let id = try target(request)
      return try rollback(id.model, label, origin)
    case .unlabel(let label):
      let id = try target(request)
      return try unlabel(id.model, label, origin)
    case .remove(let remove):
      let id = try target(request)
      try catalog.remove(id, force: remove.force, by: origin)
      return ModelChange(model: id.description, state: "removed")
    }
  }

  private func target(_ request: Request) throws(WireError) -> VersionID {
    guard let reference = request.model else {
      throw WireError(.badRequest, "'model' is missing", parameter: "model")
    }
    return try catalog.resolve(reference)
  }

  private func load(_ id: VersionID, _ origin: Origin) throws(WireError) -> ModelChange {
    _ = try catalog.load(id, by: origin)
    return ModelChange(
      model: id.description, state: catalog.isLabelled(id) ? "live" : "ready",
      warning: remember(starts: true, id, origin))
  }

  /// Frees a version's memory, also where the registry cannot record it.
  private func unload(_ id: VersionID, _ origin: Origin) -> ModelChange {
    catalog.unload(id, by: origin)
    return ModelChange(
      model: id.description, state: "unloaded", warning: remember(starts: false, id, origin))
  }

  /// Records whether the next start loads a version that a label points to.
  ///
  /// - Returns: A warning for the administrator if that was not possible.
  private func remember(starts: Bool, _ id: VersionID, _ origin: Origin) -> String? {
    do {
      let registry = catalog.registry
      if try registry.resolve(.init(id.model, .version(id.number))).starts != starts {
        try registry.setStarts(starts, id, by: origin)
      }
      return nil
    } catch {
      return "the next start \(starts ? "does not load" : "loads") '\(id)' again: \(error)"
    }
  }

  private func install(
    _ request: InstallRequest, _ files: [PassedFile], _ origin: Origin, _ id: RequestID, _ caller: Caller
  ) throws(WireError) -> ModelChange {
    guard let file = files.first else {
      throw WireError(.badRequest, "no descriptor of the pack came with the line", parameter: "fd")
    }
    var status = stat()
    let total = fstat(file.descriptor, &status) == 0 ? Int64(status.st_size) : 0
    let record = try catalog.install(file.descriptor, name: request.name, by: origin) { bytes in
      let fraction = total > 0 ? Double(bytes) / Double(total) : nil
      caller.reply(Event(id: id, .progress(ProgressEvent(message: "installing", fraction: fraction))))
    }
    let isFirst = try isFirst(record.id)
    guard let label = request.label ?? (isFirst ? Label.stable.description : nil) else {
      return ModelChange(
        model: record.id.description, state: record.state.name, sha256: record.digest.description)
    }
    do throws(WireError) {
      var change = try promote(record.id, label: label, force: request.force, origin)
      change.sha256 = record.digest.description
      return change
    } catch {
      // The pack stays installed, so the error says so: a client must not think that nothing was done.
      throw WireError(
        error.code, "'\(record.id)' is installed, but not labelled '\(label)': \(error.message)")
    }
  }

  /// Whether no label of the model points anywhere yet.
  private func isFirst(_ id: VersionID) throws(WireError) -> Bool {
    try wire { () throws(RegistryError) in try catalog.registry.model(id.model).labels.isEmpty }
  }

  /// Checks quality, loads the version beside those that run, and moves the label. The caller retires the old
  /// version afterwards.
  ///
  /// If the label cannot be moved, the version that was loaded for it is unloaded again.
  func promote(
    _ id: VersionID, label: String, force: Bool, _ origin: Origin
  ) throws(WireError) -> ModelChange {
    let label = try wire { () throws(RegistryError) in try Label(label) }
    if !force { try policy.gate.check(catalog.pack(of: id).quality) }
    let previous = try withLoaded(id, origin) { () throws(WireError) in
      try catalog.promote(id, to: label, by: origin)
    }
    return ModelChange(
      model: id.description, state: "live", label: label.description,
      previous: previous == id ? nil : previous?.description)
  }

  /// Loads the version that the label pointed to before, then moves the label back.
  private func rollback(_ model: ModelName, _ label: String, _ origin: Origin) throws(WireError)
    -> ModelChange
  {
    let label = try wire { () throws(RegistryError) in try Label(label) }
    let record = try wire { () throws(RegistryError) in try catalog.registry.model(model) }
    guard let current = record.labels.first(where: { $0.label == label }) else {
      throw WireError(RegistryError.labelNotSet(model, label))
    }
    guard let previous = current.previous else {
      throw WireError(RegistryError.nothingBefore(model, label, version: current.version))
    }
    let target = try withLoaded(VersionID(model, previous), origin) { () throws(WireError) in
      try catalog.rollback(model, label, by: origin)
    }
    return ModelChange(
      model: target.description, state: "live", label: label.description,
      previous: VersionID(model, current.version).description)
  }

  /// Takes a label away; the caller retires the version that it pointed to.
  private func unlabel(_ model: ModelName, _ label: String, _ origin: Origin) throws(WireError) -> ModelChange
  {
    let label = try wire { () throws(RegistryError) in try Label(label) }
    let id = try catalog.unlabel(model, label, by: origin)
    return ModelChange(
      model: id.description, state: catalog.isLabelled(id) ? "live" : "installed", label: label.description,
      previous: id.description)
  }

  /// Runs a change of labels while a version is loaded. If the change fails, a version that was loaded for it
  /// is unloaded again.
  private func withLoaded<Result>(
    _ id: VersionID, _ origin: Origin, _ change: () throws(WireError) -> Result
  ) throws(WireError) -> Result {
    let wasLoaded = catalog.loaded(id) != nil
    _ = try catalog.load(id, by: origin)
    do throws(WireError) {
      return try change()
    } catch {
      if !wasLoaded { catalog.unload(id, by: origin) }
      throw error
    }
  }

  /// Drains and unloads the version that a label left, unless another label holds it.
  private func retireUnlabelled(_ change: ModelChange, _ origin: Origin) {
    guard let previous = change.previous.flatMap({ ModelReference($0) }),
      let id = try? catalog.resolve(previous), let unlabelled = try? catalog.unlabelled(id.model),
      unlabelled.contains(id)
    else { return }
    catalog.unload(id, by: origin)
    watchers.tell("unload \(id)", ModelChange(model: id.description, state: "unloaded").json)
  }
}

extension UnixTime {
  /// The wall clock.
  package static var now: UnixTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UnixTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
