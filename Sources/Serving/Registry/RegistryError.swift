/// Why the registry or the blob store could not do what it was asked to.
///
/// Files are named without their directories, because these texts reach clients.
package enum RegistryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// SQLite failed; `code` is its extended result code.
  case database(file: String, operation: String, code: Int32, message: String)
  /// The file is there, but its contents are damaged.
  case damaged(file: String, finding: String)
  /// The file was written by a newer release.
  case newerSchema(file: String, found: Int, supported: Int)
  /// A stored value that this release cannot read.
  case unreadableRow(column: String, found: String)
  /// Another daemon uses the state directory; `holder` is its pid, where it can be read.
  case stateInUse(holder: Int32?)
  /// The registry is readable, but it is not what the daemon last wrote.
  case needsRecovery(finding: String)
  /// The registry could only be opened for reading, for the reason given.
  case readOnly(reason: String)
  /// A system call failed; `code` is `errno`.
  case system(operation: String, file: String, code: Int32)

  case invalidName(what: String, found: String)
  case invalidReference(String)
  case invalidDigest(String)

  case unknownModel(ModelName)
  case unknownVersion(VersionID)
  case labelNotSet(ModelName, Label)
  case nothingBefore(ModelName, Label, version: Int)
  case labelled(VersionID, [Label])
  case inUse(VersionID)

  case unknownBlob(BlobDigest)
  case notAFile
  case tooLarge(bytes: Int64, limit: Int64)
  case digestMismatch(expected: BlobDigest, found: BlobDigest)

  package var description: String {
    switch self {
    case .database, .damaged, .newerSchema, .unreadableRow, .system, .stateInUse, .needsRecovery, .readOnly:
      fileDescription
    case .invalidName, .invalidReference, .invalidDigest: inputDescription
    case .unknownModel, .unknownVersion, .labelNotSet, .nothingBefore, .labelled, .inUse: versionDescription
    case .unknownBlob, .notAFile, .tooLarge, .digestMismatch: blobDescription
    }
  }
}
