import Glibc

/// Checks whether a registry is what the daemon last wrote, and replaces it where it is not.
///
/// The registry, its backup and the blobs should agree. Where one disagrees, nothing is deleted and nothing is
/// guessed: the daemon refuses to start, and an administrator runs `quantd recover`.
package enum RegistryRepair {
  /// - Throws: ``RegistryError/needsRecovery(finding:)`` where the registry is empty beside blobs, older than its backup,
  ///   or unlike a backup of the same age.
  package static func check(_ registry: ModelRegistry, _ blobs: BlobStore) throws(RegistryError) {
    let found: RegistrySummary
    do {
      found = try registry.summary()
    } catch .database(let file, let operation, let code, let message) {
      throw .database(file: file, operation: operation, code: code, message: message)
    } catch {
      throw .needsRecovery(finding: "the database is damaged: \(error)")
    }
    let stored = try blobs.digests().count
    guard !registry.isNew || stored == 0 else {
      throw .needsRecovery(finding: "the registry is new, but \(stored) installed packs are there")
    }
    // Where the registry itself cannot be opened, the backup is what was read.
    guard registry.limitation == nil, let backup = ModelRegistry.backupSummary(of: registry.path) else {
      return
    }
    guard backup.change <= found.change else {
      throw .needsRecovery(
        finding: "the registry ends with change \(found.change), but its backup has \(backup.change)")
    }
    guard backup.change < found.change || backup.lines == found.lines else {
      throw .needsRecovery(
        finding: "the registry and its backup both end with change \(found.change), but differ")
    }
  }

  /// Where the versions of a repaired registry come from.
  package enum Source: Equatable, Sendable {
    case registry, backup, nothing
  }

  /// Puts the better of registry and backup in place, and keeps a registry that it replaces under another name.
  ///
  /// A file that can be read is better than one that cannot. Of two readable ones the better names more of the
  /// blobs that are there; if they name equally many, the one with more changes is better.
  ///
  /// - Parameter stamp: Becomes part of the name of the replaced file.
  /// - Returns: Where the contents come from, and the name of the replaced file.
  package static func repair(
    path: String, blobs: BlobStore, stamp: String
  ) throws(RegistryError) -> (source: Source, setAside: String?) {
    let present = try blobs.digests().union(blobs.setAsideDigests())
    let registry = readable(path)
    let backup = ModelRegistry.backupSummary(of: path)
    if let registry, !isBetter(backup, than: registry, present) { return (.registry, nil) }
    let name = try setAside(path, stamp)
    guard backup != nil else { return (.nothing, name) }
    try copy(ModelRegistry.backupPath(of: path), to: path)
    return (.backup, name)
  }

  private static func readable(_ path: String) -> RegistrySummary? {
    guard access(path, F_OK) == 0, let registry = try? ModelRegistry(path: path), !registry.isNew else {
      return nil
    }
    return try? registry.summary()
  }

  private static func isBetter(
    _ backup: RegistrySummary?, than registry: RegistrySummary, _ present: Set<BlobDigest>
  ) -> Bool {
    guard let backup else { return false }
    let (theirs, ours) = (
      backup.blobs.intersection(present).count, registry.blobs.intersection(present).count
    )
    return (theirs, backup.change) > (ours, registry.change)
  }

  /// Moves the database with its log and index away.
  private static func setAside(_ path: String, _ stamp: String) throws(RegistryError) -> String? {
    guard access(path, F_OK) == 0 else { return nil }
    for suffix in ["-wal", "-shm", ""] {
      let target = "\(path).damaged-\(stamp)\(suffix)"
      guard rename(path + suffix, target) == 0 || errno == ENOENT else {
        throw Directory.failure("rename", "registry.db\(suffix)")
      }
    }
    return "registry.db.damaged-\(stamp)"
  }

  private static func copy(_ source: String, to target: String) throws(RegistryError) {
    let connection = try Connection.open(path: source, .immutable)
    try connection.execute("VACUUM INTO ?", .text(target))
  }
}
