import Registry
import WireProtocol

/// Joins versions and blobs again after a crash or a repair; nothing is deleted.
extension ModelCatalog {
  /// Sets aside the blobs that no version names, takes blobs that a version names back from quarantine, and
  /// checks that each version has its pack in full length.
  ///
  /// - Returns: A sentence for each thing that an operator should know.
  func reconcile() -> [Service.StartProblem] {
    do {
      // The backup, which is read then, may not name all versions, so it cannot tell which blobs are left over.
      guard registry.limitation == nil else { return [] }
      let named = try registry.digests()
      for digest in named.intersection(try blobs.setAsideDigests()) where !blobs.has(digest) {
        try blobs.release(digest)
      }
      for digest in try blobs.digests().subtracting(named) { try blobs.setAside(digest) }
      return try incompleteVersions() + quarantineReport()
    } catch {
      return [Service.StartProblem("store", WireError(error))]
    }
  }

  private func incompleteVersions() throws(RegistryError) -> [Service.StartProblem] {
    var problems: [Service.StartProblem] = []
    for record in try registry.models().flatMap(\.versions) {
      let found = try? blobs.bytes(of: record.digest)
      guard found != record.bytes else { continue }
      let finding = found.map { "its pack has \($0) bytes instead of \(record.bytes)" } ?? "its pack is gone"
      problems.append(
        .init(subject: record.id.description, message: "\(finding); install it again, or remove the version"))
    }
    return problems
  }

  /// Tells how many packs lie in quarantine. It is a notice, because an installation that a crash interrupted
  /// leaves such a pack, and nobody misses it.
  private func quarantineReport() throws(RegistryError) -> [Service.StartProblem] {
    let count = try blobs.setAsideDigests().count
    guard count > 0 else { return [] }
    let days = BlobStore.graceSeconds / (24 * 3600)
    let message = """
      \(count) installed packs belong to no version and lie in quarantine; 'quantd recover' registers them, otherwise a \
      change after \(days) days deletes them
      """
    return [.init(subject: "store", message: message, isNotice: true)]
  }
}
