import Glibc

extension ModelRegistry {
  static func backupPath(of path: String) -> String { path + ".backup" }

  /// Brings everything into the one file, and leaves no write-ahead log that could be lost.
  ///
  /// A failure does no harm: SQLite moves the log into the file later, and reads the log until then.
  package func checkpoint() {
    try? maintain { connection throws(RegistryError) in
      _ = try connection.rows("PRAGMA wal_checkpoint(TRUNCATE)") { $0.integer(0) }
    }
  }

  /// Writes a complete copy of the registry beside it, as `registry.db.backup`, in place of the one before.
  ///
  /// - Throws: A failure of the file system; the earlier copy is then kept.
  package func backUp() throws(RegistryError) {
    let (backup, temporary) = (Self.backupPath(of: path), path + ".backup.new")
    guard unlink(temporary) == 0 || errno == ENOENT else {
      throw Directory.failure("unlink", "registry.db.backup.new")
    }
    do throws(RegistryError) {
      try maintain { connection throws(RegistryError) in
        try connection.execute("VACUUM INTO ?", .text(temporary))
      }
      try Self.synchronize(temporary)
      guard rename(temporary, backup) == 0 else { throw Directory.failure("rename", "registry.db.backup") }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Makes the copy durable, which `VACUUM INTO` left in the page cache.
  private static func synchronize(_ path: String) throws(RegistryError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Directory.failure("open", "registry.db.backup.new") }
    defer { close(descriptor) }
    guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
      throw Directory.failure("fsync", "registry.db.backup.new")
    }
  }
}
