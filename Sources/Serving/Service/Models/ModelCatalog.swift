import Engine
import Registry
import Synchronization
import Vocabulary
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
  let bookkeeping: Bookkeeping
  private let lock: StateLock
  private let state = Mutex(State())

  private struct State {
    var loaded: [VersionID: LoadedModel] = [:]
    /// The versions that references have resolved to since the last change, so that inference does not ask the
    /// database.
    var routes: [ModelReference: VersionID] = [:]
    var defaults: [DefaultTask: VersionID] = [:]
    /// Counts the changes of routes, so that the result of a lookup that began before a change is not kept
    /// after it.
    var changes = 0
  }

  init(options: ServiceOptions, engine: Engine) throws(RegistryError) {
    self.options = options
    self.engine = engine
    // The lock comes first, because opening the store removes the files of interrupted installations, which
    // could be running ones of another daemon.
    lock = try StateLock.take(in: options.stateDirectory)
    registry = try ModelRegistry(path: options.stateDirectory + "/registry.db")
    blobs = try BlobStore(directory: options.stateDirectory + "/blobs")
    bookkeeping = Bookkeeping(registry)
    try RegistryRepair.check(registry, blobs)
  }

  // MARK: Finding

  var loaded: [LoadedModel] {
    state.withLock { Array($0.loaded.values) }.sorted { $0.id.description < $1.id.description }
  }

  func loaded(_ id: VersionID) -> LoadedModel? { state.withLock { $0.loaded[id] } }

  /// The running version that a request means.
  func running(_ reference: ModelReference?, for task: DefaultTask) throws(WireError)
    -> LoadedModel
  {
    while true {
      let changes = state.withLock { $0.changes }
      let id = if let reference { try resolve(reference) } else { try defaultVersion(task) }
      if let model = loaded(id) { return model }
      // A label that moved meanwhile may have led to a version that has been unloaded since: look again.
      guard state.withLock({ $0.changes }) != changes else {
        throw WireError(.modelNotLoaded, "'\(id)' is installed, but not loaded. Try: qclient load \(id)")
      }
    }
  }

  /// The installed version that a reference means.
  func resolve(_ reference: ModelReference) throws(WireError) -> VersionID {
    let (known, changes) = state.withLock { ($0.routes[reference], $0.changes) }
    if let known { return known }
    let id = try wire { () throws(RegistryError) in
      try registry.resolve(VersionReference(reference)).id
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

  /// Has references looked up again; called after labels or versions changed.
  func forgetRoutes() {
    state.withLock { state in
      state.routes = [:]
      state.defaults = [:]
      state.changes += 1
    }
  }

  // MARK: Changing

  /// Lets requests find a version that the engine runs from now on.
  func enter(_ model: LoadedModel) { state.withLock { $0.loaded[model.id] = model } }

  /// Hides a version from requests; nil where it did not run.
  func leave(_ id: VersionID) -> LoadedModel? { state.withLock { $0.loaded.removeValue(forKey: id) } }

  /// Called after a change was acknowledged: moves the log into the registry's file, copies that file, and
  /// deletes blobs whose grace time in quarantine is over.
  func settle() {
    registry.checkpoint()
    bookkeeping.backUp()
    _ = try? blobs.expire()  // what cannot be deleted now is deleted after the next change
  }
}
