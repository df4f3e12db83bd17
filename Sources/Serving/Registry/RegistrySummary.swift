/// The contents of a registry in a form in which two files can be compared.
package struct RegistrySummary: Equatable, Sendable {
  /// How many changes the file has seen.
  package let change: Int64
  /// One line for each version, label and default.
  package let lines: [String]
  /// The blobs that the versions name.
  package let blobs: Set<BlobDigest>

  /// - Throws: ``RegistryError/unreadableRow(column:found:)`` where a value is none that this release can read.
  init(_ connection: borrowing Connection) throws(RegistryError) {
    change = try connection.rows("SELECT number FROM changes") { $0.integer(0) }.first ?? 0
    var (lines, blobs): ([String], Set<BlobDigest>) = ([], [])
    for name in try connection.modelNames() {
      for version in try connection.versions(of: name) {
        lines.append(
          "\(version.id) \(version.digest) \(version.architecture) \(version.bytes) \(version.starts)")
        blobs.insert(version.digest)
      }
      for label in try connection.labels(of: name) { lines.append("\(name)@\(label.label) \(label.version)") }
    }
    lines += try connection.rows("SELECT task, reference FROM defaults ORDER BY task") {
      "\($0.text(0)) \($0.text(1))"
    }
    (self.lines, self.blobs) = (lines, blobs)
  }
}

extension ModelRegistry {
  package func summary() throws(RegistryError) -> RegistrySummary {
    try read { connection throws(RegistryError) in try RegistrySummary(connection) }
  }

  /// What the backup of a registry says; nil where there is none that can be read.
  package static func backupSummary(of path: String) -> RegistrySummary? {
    guard let connection = try? Connection.open(path: backupPath(of: path), .immutable),
      (try? Migrations.version(of: connection)) == Migrations.all.count
    else { return nil }
    return try? RegistrySummary(connection)
  }
}
