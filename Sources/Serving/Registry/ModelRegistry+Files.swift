/// Digests of files outside the store, so that a start need not read them again.
extension ModelRegistry {
  /// The digest that was noted for the file, if its stamp is still the same.
  package func digest(of stamp: FileStamp) throws(RegistryError) -> BlobDigest? {
    try read { connection throws(RegistryError) in
      try connection.rows(
        """
        SELECT digest FROM files
        WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
        """,
        SQLValue(Int64(bitPattern: stamp.device)), SQLValue(Int64(bitPattern: stamp.inode)),
        SQLValue(stamp.size),
        SQLValue(stamp.modified), SQLValue(stamp.changed)
      ) { row throws(RegistryError) in try BlobDigest(hex: row.text(0)) }.first
    }
  }

  /// Notes the digest of a file that was read as a whole while it looked like `stamp`.
  ///
  /// Nothing is noted where a write could go unseen: see ``FileStamp/isSettled``.
  package func note(_ digest: BlobDigest, of stamp: FileStamp) throws(RegistryError) {
    guard stamp.isSettled else { return }
    try change { connection throws(RegistryError) in
      try connection.execute(
        "INSERT OR REPLACE INTO files (device, inode, size, modified, changed, digest) VALUES (?, ?, ?, ?, ?, ?)",
        SQLValue(Int64(bitPattern: stamp.device)), SQLValue(Int64(bitPattern: stamp.inode)),
        SQLValue(stamp.size),
        SQLValue(stamp.modified), SQLValue(stamp.changed), SQLValue(digest))
    }
  }
}
