import Checkpoints
import Glibc
import Packs
import Registry
import WireProtocol

/// Rebuilds a registry that was lost or damaged: from its backup if that is better, and from the installed
/// packs.
///
/// Deletes nothing: a registry that is replaced is kept under another name, a pack that cannot be used stays in quarantine.
package struct StateRecovery {
  private let registry: ModelRegistry
  private let blobs: BlobStore
  private let report: (String) -> Void
  private let origin = Origin(uid: getuid(), time: .now)

  private init(registry: ModelRegistry, blobs: BlobStore, report: @escaping (String) -> Void) {
    (self.registry, self.blobs, self.report) = (registry, blobs, report)
  }

  /// Recovers the state directory of a daemon that does not run.
  ///
  /// - Parameter report: Called with one sentence for each thing that was found or done.
  /// - Throws: ``RegistryError/stateInUse(holder:)`` while a daemon runs, or a failure of the file system.
  package static func run(stateDirectory: String, report: (String) -> Void) throws(RegistryError) {
    let lock = try StateLock.take(in: stateDirectory)
    defer { withExtendedLifetime(lock) {} }
    let blobs = try BlobStore(directory: stateDirectory + "/blobs")
    let registry = try repaired(stateDirectory + "/registry.db", blobs, report)
    try withoutActuallyEscaping(report) { report throws(RegistryError) in
      try Self(registry: registry, blobs: blobs, report: report).recover()
    }
  }

  private static func repaired(
    _ path: String, _ blobs: BlobStore, _ report: (String) -> Void
  ) throws(RegistryError) -> ModelRegistry {
    let stamp = "\(UnixTime.now.milliseconds)"
    let (source, setAside) = try RegistryRepair.repair(path: path, blobs: blobs, stamp: stamp)
    switch source {
    case .registry: report("registry.db is readable and kept")
    case .backup: report("registry.db comes from its backup now")
    case .nothing: report("registry.db is new: neither it nor a backup could be read")
    }
    if let setAside { report("the registry that was there is \(setAside)") }
    let registry = try ModelRegistry(path: path)
    if let limitation = registry.limitation { throw limitation }
    return registry
  }

  private func recover() throws(RegistryError) {
    try restoreNamed()
    let adopted = try adoptUnnamed()
    try labelNewest(adopted)
    registry.checkpoint()
    try registry.backUp()
    let versions = try registry.models().flatMap(\.versions).count
    report(
      "\(versions) versions are registered, \(try blobs.setAsideDigests().count) packs are in quarantine")
  }

  /// Takes the packs of versions back from quarantine, and checks that each version has its pack.
  private func restoreNamed() throws(RegistryError) {
    for record in try registry.models().flatMap(\.versions) {
      if !blobs.has(record.digest) { try blobs.release(record.digest) }
      guard let problem = damage(of: record.digest) else { continue }
      report("\(record.id): \(problem)")
    }
  }

  /// Why a blob cannot be used; nil for a good one.
  private func damage(of digest: BlobDigest) -> String? {
    var hash = SHA256()
    do throws(RegistryError) {
      try blobs.verify(digest, hash: &hash)
      return nil
    } catch {
      return error.description
    }
  }

  /// Registers the packs that no version names, under the names inside them, in the order of their installation.
  ///
  /// - Returns: What was registered.
  private func adoptUnnamed() throws(RegistryError) -> [VersionID] {
    let named = try registry.digests()
    for digest in try blobs.setAsideDigests().subtracting(named) where !blobs.has(digest) {
      try blobs.release(digest)
    }
    var candidates: [(digest: BlobDigest, installed: Int64)] = []
    for digest in try blobs.digests().subtracting(named) {
      candidates.append((digest, try blobs.installed(digest)))
    }
    var adopted: [VersionID] = []
    for candidate in candidates.sorted(by: {
      ($0.installed, $0.digest.description) < ($1.installed, $1.digest.description)
    }) {
      if let id = try adopt(candidate.digest) { adopted.append(id) }
    }
    return adopted
  }

  private func adopt(_ digest: BlobDigest) throws(RegistryError) -> VersionID? {
    let pack: ModelPack
    do {
      if let problem = damage(of: digest) { throw WireError(.badPack, problem) }
      pack = try ModelPack(PackedModel.open(path: try blobs.path(of: digest), links: .refuse))
    } catch {
      report("\(digest) cannot be used and stays in quarantine: \(error)")
      try blobs.setAside(digest)
      return nil
    }
    let installation = Installation(
      model: try name(of: pack), digest: digest,
      bytes: try blobs.bytes(of: digest), architecture: pack.configuration.architecture,
      quality: pack.file.sectionText(PackSection.quality) ?? "{}", note: "registered by quantd recover")
    switch try registry.install(installation, by: origin) {
    case .added(let record), .present(let record):
      report("\(digest) is \(record.id)")
      return record.id
    }
  }

  private func name(of pack: ModelPack) throws(RegistryError) -> ModelName {
    if let name = try? ModelName(pack.name) { return name }
    return try ModelName("recovered")
  }

  /// Gives each model that has no label its newest version as `stable`.
  private func labelNewest(_ adopted: [VersionID]) throws(RegistryError) {
    for model in Set(adopted.map(\.model)).sorted() {
      let record = try registry.model(model)
      guard record.labels.isEmpty, let newest = record.versions.last else { continue }
      let task = DefaultTask(architecture: newest.architecture)
      _ = try registry.promote(newest.id, to: .stable, defaultFor: task, by: origin)
      report("\(newest.id) is \(Label.stable) now, because no label of '\(model)' is known")
    }
  }
}
