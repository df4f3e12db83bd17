import Engine
import Packs
import Registry
import WireProtocol

extension ModelCatalog {
  /// Loads a version beside those that run. A failure leaves everything as it was, and its reason is recorded.
  func load(_ id: VersionID, by origin: Origin) throws(WireError) -> LoadedModel {
    if let model = loaded(id) { return model }
    let record = try wire { () throws(RegistryError) in
      try registry.resolve(.init(id.model, .version(id.number)))
    }
    bookkeeping.note(id, .loading, by: origin)
    do {
      let pack = try open(record.digest)
      let model = try start(id, pack)
      bookkeeping.note(id, isLabelled(id) ? .live : .ready, by: origin)
      return model
    } catch {
      bookkeeping.note(id, .failed(reason: error.message), by: origin)
      throw error
    }
  }

  /// Whether requests that name a label, or only the model, may mean this version.
  func isLabelled(_ id: VersionID) -> Bool {
    (try? registry.model(id.model))?.labels.contains { $0.version == id.number } ?? false
  }

  private func start(_ id: VersionID, _ pack: ModelPack) throws(WireError) -> LoadedModel {
    let (sum, overflow) = workingBytes(of: pack)
      .addingReportingOverflow(pack.file.tensorBytes)
    let bytes = overflow ? Int.max : sum
    try checkBudget(id, bytes)
    let runnable: RunnableModel
    do {
      runnable = try engine.prepare(pack, limits: options.modelLimits)
    } catch {
      throw WireError(.badPack, "'\(id)' cannot run: \(error)")
    }
    let model = LoadedModel(
      id: id, key: engine.makeModelKey(), pack: pack, chat: ChatSupport(pack), memoryBytes: bytes)
    let ready = Latch()
    engine.add(runnable, as: model.key) { ready.open() }
    ready.wait()
    enter(model)
    return model
  }

  /// Bytes that a model of the pack takes beside its weights.
  func workingBytes(of pack: ModelPack) -> Int {
    RunnableModel.workingBytes(pack, options.modelLimits, stepTokens: engine.options.step.tokens)
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
  ///
  /// Nothing can prevent that: if the registry cannot record it now, it is recorded later.
  func unload(_ id: VersionID, by origin: Origin) {
    guard let model = leave(id) else { return }
    bookkeeping.note(id, .draining, by: origin)
    let gone = Latch()
    engine.remove(model.key) { gone.open() }
    gone.wait()
    bookkeeping.note(id, .unloaded, by: origin)
  }
}
