import Checkpoints
import Engine
import Packs
import Registry
import WireProtocol

extension ModelCatalog {
  /// Copies a pack into the store, checks it as a whole, and registers it.
  ///
  /// - Parameter name: nil takes the name that the pack carries.
  func install(
    _ file: Int32, name: String?, by origin: Origin, progress: (Int64) -> Void = { _ in }
  ) throws(WireError) -> VersionRecord {
    let blob = try wire { () throws(RegistryError) in
      // 1 TiB: more than any pack that a machine could run.
      var hash = SHA256()
      return try blobs.install(from: file, limit: 1 << 40, hash: &hash, progress: progress)
    }
    do {
      let pack = try open(blob.digest)
      try checkRuns(pack)
      return try register(pack, name: name, blob, by: origin)
    } catch {
      // A blob that was there before this installation may belong to another version, so it stays.
      if blob.isNew { try? blobs.remove(blob.digest) }  // set aside by the next start where it fails
      throw error
    }
  }

  private func register(
    _ pack: ModelPack, name: String?, _ blob: StoredBlob, by origin: Origin
  ) throws(WireError) -> VersionRecord {
    let architecture = pack.configuration.architecture
    let quality = pack.file.sectionText(PackSection.quality) ?? "{}"
    let record = try wire { () throws(RegistryError) -> VersionRecord in
      let installation = Installation(
        model: try ModelName(name ?? pack.name), digest: blob.digest, bytes: blob.bytes,
        architecture: architecture,
        quality: quality)
      switch try registry.install(installation, by: origin) {
      case .added(let record), .present(let record): return record
      }
    }
    forgetRoutes()
    return record
  }

  /// Builds the model once and drops it, so that a pack that cannot be loaded is refused now and not at its
  /// first use.
  private func checkRuns(_ pack: ModelPack) throws(WireError) {
    if let budget = options.memoryBudget {
      let bytes = workingBytes(of: pack)
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

  /// The pack of an installed version, which may run or not.
  func pack(of id: VersionID) throws(WireError) -> ModelPack {
    if let model = loaded(id) { return model.pack }
    let record = try wire { () throws(RegistryError) in
      try registry.resolve(.init(id.model, .version(id.number)))
    }
    return try open(record.digest)
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
}

extension SHA256: IncrementalHash {
  package func hexDigest() -> String {
    let copy = self
    return copy.finalize().description
  }
}
