import CSQLite
import Glibc

extension RegistryError {
  var fileDescription: String {
    switch self {
    case .database(let file, let operation, let code, let message):
      "\(file): \(operation) failed: \(message) (SQLite code \(code)). \(Self.advice(sqlite: code))"
    case .damaged(let file, let finding):
      "\(file): the database is damaged: \(finding). \(Self.recoveryAdvice)"
    case .newerSchema(let file, let found, let supported):
      """
      \(file): the schema has version \(found), but this release knows versions up to \(supported). A newer \
      release wrote it; run that one, or restore the backup from before the upgrade.
      """
    case .unreadableRow(let column, let found):
      """
      registry.db: the database is damaged: it holds \(Self.quoted(found)) in column '\(column)', which no release \
      wrote. \(Self.recoveryAdvice)
      """
    case .needsRecovery(let finding): "registry.db: \(finding). \(Self.recoveryAdvice)"
    case .readOnly(let reason): "the registry cannot be written: \(reason)"
    case .stateInUse(let holder):
      """
      the state directory is in use by another daemon\(holder.map { " (pid \($0))" } ?? ""); stop that one, or give \
      this one another --state-directory.
      """
    case .system(let operation, let file, let code):
      "\(file): \(operation) failed: \(String(cString: strerror(code))). \(Self.advice(errno: code))"
    default: preconditionFailure("not an error of a file")
    }
  }

  var inputDescription: String {
    switch self {
    case .invalidName(let what, let found):
      """
      \(Self.quoted(found)) is no \(what): 1 to 64 of a-z, 0-9, '.', '_' and '-' are allowed, the first one a \
      letter or a digit.
      """
    case .invalidReference(let found):
      "\(Self.quoted(found)) names no model version: write name, name:version or name@label."
    case .invalidDigest(let found):
      "\(Self.quoted(found)) is no SHA-256 digest: 64 characters of 0-9 and a-f were expected."
    default: preconditionFailure("not an error of input")
    }
  }

  var versionDescription: String {
    switch self {
    case .unknownModel(let name): "no model is called '\(name)'; list the models to see their names."
    case .unknownVersion(let id):
      "'\(id.model)' has no version \(id.number); list the models to see its versions."
    case .labelNotSet(let name, let label):
      "'\(name)' has no version labelled '\(label)'; promote one, or name a version as in '\(name):1'."
    case .nothingBefore(let name, let label, let version):
      "'\(name)@\(label)' is version \(version), the first one promoted; there is nothing to roll back to."
    case .labelled(let id, let labels):
      """
      '\(id)' is labelled \(labels.map { "'\($0)'" }.joined(separator: ", ")); promote another version first, \
      take the label away (qclient unlabel), or remove it with force.
      """
    case .inUse(let id): "'\(id)' is loaded; unload it before you remove it."
    default: preconditionFailure("not an error about a version")
    }
  }

  var blobDescription: String {
    switch self {
    case .unknownBlob(let digest): "the store has no blob \(digest); install the model again."
    case .notAFile: "the descriptor is no regular file; models are installed from files."
    case .tooLarge(let bytes, let limit):
      "the file has \(bytes) bytes, but at most \(limit) are allowed; raise the limit or use a smaller model."
    case .digestMismatch(let expected, let found):
      "blob \(expected) now has the digest \(found): its bytes changed on the disk. Install the model again."
    default: preconditionFailure("not an error about a blob")
    }
  }

  private static let recoveryAdvice = """
    Stop the daemon and run 'quantd recover': it rebuilds the registry from its backup and the installed packs, and \
    deletes neither.
    """

  /// What an operator can do about a result code of SQLite.
  private static func advice(sqlite code: Int32) -> String {
    switch code & 0xff {  // the primary code
    case SQLITE_FULL: "Free space on the file system; the registry is as it was."
    case SQLITE_BUSY, SQLITE_LOCKED: "Another process holds the file; stop it, or try again."
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN:
      "Check owner and permissions of the file and its directory."
    case SQLITE_CORRUPT, SQLITE_NOTADB: recoveryAdvice
    case SQLITE_IOERR: "Check the disk and the kernel's log."
    default: "The registry is as it was."
    }
  }

  private static func advice(errno code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "Free space on the file system or raise the quota."
    case EACCES, EPERM, EROFS: "Check owner and permissions of the directory."
    case EIO: "Check the disk and the kernel's log."
    case EMFILE, ENFILE: "Raise the limit of open files."
    default: "Check the file and its directory."
    }
  }

  /// Untrusted text made short and printable.
  private static func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(80).map { $0.isASCII ? $0.escaped(asASCII: true) : "?" }.joined()
    return "'\(shown)\(text.unicodeScalars.count > 80 ? "…" : "")'"
  }
}
