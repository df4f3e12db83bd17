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
}

extension SHA256: IncrementalHash {
  package func hexDigest() -> String {
    let copy = self
    return copy.finalize().description
  }
}
