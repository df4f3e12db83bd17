import Glibc

/// Blobs that no version names are set aside instead of deleted, because the registry may be wrong about them.
extension BlobStore {
  /// How long a blob stays in quarantine before ``expire(olderThan:)`` may delete it: a month, long enough for
  /// somebody to notice that a model is missing.
  package static let graceSeconds: Int64 = 30 * 24 * 3600

  private static let quarantine = "quarantine"

  private static func place(_ digest: BlobDigest) -> String { "\(quarantine)/\(digest.fileName)" }

  /// Moves a blob to `quarantine/`, from where ``release(_:)`` takes it back.
  ///
  /// The file's time of modification becomes the time of the move, from which the grace time counts.
  package func setAside(_ digest: BlobDigest) throws(RegistryError) {
    try directory.makeDirectory(Self.quarantine)
    try directory.touch(digest.fileName)
    try directory.rename(digest.fileName, to: Self.place(digest))
    try directory.synchronize()
  }

  /// Moves a blob from quarantine back to where versions find it.
  ///
  /// - Returns: Whether it was in quarantine; if not, nothing happens.
  @discardableResult
  package func release(_ digest: BlobDigest) throws(RegistryError) -> Bool {
    guard directory.contains(Self.place(digest)) else { return false }
    try directory.rename(Self.place(digest), to: digest.fileName)
    try directory.synchronize()
    return true
  }

  /// The blobs in quarantine.
  package func setAsideDigests() throws(RegistryError) -> Set<BlobDigest> {
    guard directory.contains(Self.quarantine) else { return [] }
    return Set(try directory.names(in: Self.quarantine).compactMap { BlobDigest(fileName: $0) })
  }

  /// Deletes blobs that have been in quarantine for longer than a time.
  ///
  /// Called after a change that somebody ordered, never at start.
  ///
  /// - Returns: The blobs that were deleted.
  package func expire(olderThan seconds: Int64 = graceSeconds) throws(RegistryError) -> [BlobDigest] {
    let limit = Int64(time(nil)) - seconds
    var expired: [BlobDigest] = []
    for digest in try setAsideDigests() where try directory.status(Self.place(digest)).modified < limit {
      try directory.remove(Self.place(digest))
      expired.append(digest)
    }
    return expired
  }
}
