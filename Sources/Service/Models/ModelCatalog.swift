import Checkpoints
import Engine
import Packs
import Registry
import Scheduling
import Synchronization
import WireProtocol

/// Which versions are installed, which run, and which one a reference means.
///
/// Reads come from any thread. Changes (``load(_:by:)``, ``unload(_:by:)``, …) block and are called one at a time, on the
/// administration queue.
final class ModelCatalog: Sendable {
  let registry: ModelRegistry
  let blobs: BlobStore
  let engine: Engine
  let options: ServiceOptions
  private let state = Mutex(State())

  private struct State {
    var loaded: [VersionID: LoadedModel] = [:]
    /// What references meant since the last change, so that inference does not ask the database.
    var routes: [WireProtocol.ModelReference: VersionID] = [:]
    var defaults: [DefaultTask: VersionID] = [:]
    /// Counts the changes of routes: what was looked up before a change is not kept after it.
    var changes = 0
  }

  init(options: ServiceOptions, engine: Engine) throws(RegistryError) {
    self.options = options
    self.engine = engine
    registry = try ModelRegistry(path: options.stateDirectory + "/registry.db")
    blobs = try BlobStore(directory: options.stateDirectory + "/blobs")
  }

  // MARK: Finding

  var loaded: [LoadedModel] {
    state.withLock { Array($0.loaded.values) }.sorted { $0.id.description < $1.id.description }
  }

  func loaded(_ id: VersionID) -> LoadedModel? { state.withLock { $0.loaded[id] } }

  /// The running version that a request means.
  func running(_ reference: WireProtocol.ModelReference?, for task: DefaultTask) throws(WireError)
    -> LoadedModel
  {
    while true {
      let changes = state.withLock { $0.changes }
      let id = if let reference { try resolve(reference) } else { try defaultVersion(task) }
      if let model = loaded(id) { return model }
      // A label that moved meanwhile leaves a version that is unloaded next: then look again.
      guard state.withLock({ $0.changes }) != changes else {
        throw WireError(.modelNotLoaded, "'\(id)' is installed, but not loaded. Try: qclient load \(id)")
      }
    }
  }

  /// The installed version that a reference means.
  func resolve(_ reference: WireProtocol.ModelReference) throws(WireError) -> VersionID {
    let (known, changes) = state.withLock { ($0.routes[reference], $0.changes) }
    if let known { return known }
    let id = try wire { () throws(RegistryError) in
      try registry.resolve(Registry.ModelReference(reference)).id
    }
    state.withLock { if $0.changes == changes { $0.routes[reference] = id } }
    return id
  }

  private func defaultVersion(_ task: DefaultTask) throws(WireError) -> VersionID {
    let (known, changes) = state.withLock { ($0.defaults[task], $0.changes) }
    if let known { return known }
    let found = try wire { () throws(RegistryError) -> VersionID? in
      guard let reference = try registry.defaultModel(for: task) else { return nil }
      return try registry.resolve(reference).id
    }
    guard let found else {
      throw WireError(
        .unknownModel, "no model is installed for '\(task.rawValue)'. Try: qclient install FILE.qpack")
    }
    state.withLock { if $0.changes == changes { $0.defaults[task] = found } }
    return found
  }

  private func forgetRoutes() {
    state.withLock { state in
      state.routes = [:]
      state.defaults = [:]
      state.changes += 1
    }
  }

  // MARK: Installing

  /// Copies a pack into the store, checks it as a whole, and registers it.
  ///
  /// - Parameter name: nil takes the name that the pack carries.
  func install(
    _ file: Int32, name: String?, by origin: Origin, progress: (Int64) -> Void = { _ in }
  ) throws(WireError) -> VersionRecord {
    let (digest, bytes) = try wire { () throws(RegistryError) in
      var hash = SHA256()
      return try blobs.install(from: file, limit: 1 << 40, hash: &hash, progress: progress)
    }
    do {
      let pack = try open(digest)
      try checkRuns(pack)
      return try register(pack, name: name, digest: digest, bytes: bytes, by: origin)
    } catch {
      removeIfOrphaned(digest)
      throw error
    }
  }

  private func register(
    _ pack: ModelPack, name: String?, digest: BlobDigest, bytes: Int64, by origin: Origin
  ) throws(WireError) -> VersionRecord {
    let architecture = pack.configuration.architecture
    let quality = pack.file.sectionText(PackSection.quality) ?? "{}"
    let record = try wire { () throws(RegistryError) -> VersionRecord in
      let installation = Installation(
        model: try ModelName(name ?? pack.name), digest: digest, bytes: bytes, architecture: architecture,
        quality: quality)
      switch try registry.install(installation, by: origin) {
      case .added(let record), .present(let record): return record
      }
    }
    forgetRoutes()
    return record
  }

  /// Builds the model once and drops it: what loads here loads later.
  private func checkRuns(_ pack: ModelPack) throws(WireError) {
    if let budget = options.memoryBudget {
      let bytes = RunnableModel.workingBytes(pack, options.modelLimits)
      guard bytes <= budget else {
        throw WireError(
          .memoryBudget,
          "the pack needs \(bytes >> 20) MiB to run, but the budget is \(budget >> 20) MiB in all")
      }
    }
    do {
      _ = try engine.prepare(pack, limits: options.modelLimits)
    } catch {
      throw WireError(.badPack, "the pack cannot run: \(error)")
    }
  }

  func open(_ digest: BlobDigest) throws(WireError) -> ModelPack {
    let path = try wire { () throws(RegistryError) in try blobs.path(of: digest) }
    do {
      return try ModelPack(PackedModel.open(path: path, links: .refuse))
    } catch let error as CheckpointError {
      throw WireError(.badPack, "the pack is damaged: \(error.problem)")
    } catch {
      throw WireError(.badPack, "the pack is not usable: \(error)")
    }
  }

  /// Removes blobs that no version names: a daemon that was killed between two steps left them.
  func removeOrphans() throws(WireError) {
    try wire { () throws(RegistryError) in
      for digest in try blobs.digests().subtracting(registry.digests()) { try blobs.remove(digest) }
    }
  }

  private func removeIfOrphaned(_ digest: BlobDigest) {
    guard let known = try? registry.digests(), !known.contains(digest) else { return }
    try? blobs.remove(digest)  // left for the next start where it fails: nothing names it
  }

  // MARK: Loading

  /// Loads a version beside what runs; a failure leaves everything as it was, with the reason recorded.
  func load(_ id: VersionID, by origin: Origin) throws(WireError) -> LoadedModel {
    if let model = loaded(id) { return model }
    let record = try wire { () throws(RegistryError) in
      try registry.resolve(.init(id.model, .version(id.number)))
    }
    try note(id, .loading, origin)
    do {
      let pack = try open(record.digest)
      let model = try start(id, pack)
      try note(id, .ready, origin)
      return model
    } catch {
      try note(id, .failed(reason: error.message), origin)
      throw error
    }
  }

  private func start(_ id: VersionID, _ pack: ModelPack) throws(WireError) -> LoadedModel {
    let (sum, overflow) = RunnableModel.workingBytes(pack, options.modelLimits)
      .addingReportingOverflow(pack.file.tensorBytes)
    let bytes = overflow ? Int.max : sum
    try checkBudget(id, bytes)
    let runnable: RunnableModel
    do {
      runnable = try engine.prepare(pack, limits: options.modelLimits)
    } catch {
      throw WireError(.badPack, "'\(id)' cannot run: \(error)")
    }
    let model = LoadedModel(id: id, key: engine.makeModelKey(), pack: pack, memoryBytes: bytes)
    let ready = Latch()
    engine.add(runnable, as: model.key) { ready.open() }
    ready.wait()
    state.withLock { $0.loaded[id] = model }
    return model
  }

  private func checkBudget(_ id: VersionID, _ bytes: Int) throws(WireError) {
    guard let budget = options.memoryBudget else { return }
    let used = loaded.reduce(0) { $0 + $1.memoryBytes }
    guard bytes <= budget - used else {
      throw WireError(
        .memoryBudget,
        """
        '\(id)' needs \(bytes >> 20) MiB beside the \(used >> 20) MiB in use, but the budget is \(budget >> 20) MiB; \
        unload a model first or raise memory_budget
        """)
    }
  }

  /// Stops a version: new requests are refused, running ones finish, then its memory is freed.
  func unload(_ id: VersionID, by origin: Origin) throws(WireError) {
    guard let model = state.withLock({ $0.loaded.removeValue(forKey: id) }) else { return }
    try note(id, .draining, origin)
    let gone = Latch()
    engine.remove(model.key) { gone.open() }
    gone.wait()
    try note(id, .unloaded, origin)
  }

  // MARK: Labels

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

  private func note(_ id: VersionID, _ state: VersionState, _ origin: Origin) throws(WireError) {
    try wire { () throws(RegistryError) in try registry.setState(id, state, by: origin) }
  }
}

extension SHA256: IncrementalHash {
  public func hexDigest() -> String {
    let copy = self
    return copy.finalize().description
  }
}

extension Registry.ModelReference {
  init(_ reference: WireProtocol.ModelReference) throws(RegistryError) {
    try self.init(parsing: reference.description)
  }
}
