import CSQLite
import Synchronization

/// The models, versions, labels, defaults and events of one daemon, in one SQLite file.
///
/// Every change is one transaction that is on the disk when the call returns, together with its event. Calls may
/// come from any thread: they take turns on one connection. A second registry on the same file, in this or
/// another process, reads a consistent state at any time, and waits up to 5 s to write.
///
/// Where the file cannot be opened for writing (a full disk, a lock that another process holds, a read-only
/// file system), its contents can still be read, and each change tries to open it again: see ``limitation``.
package final class ModelRegistry: Sendable {
  private struct Store: ~Copyable {
    var connection: Connection
    /// Whether the file was made just now, or held nothing yet.
    var isNew = false
    /// Why the file can only be read; nil where it can be changed.
    var limitation: RegistryError?
  }

  let path: String
  private let store: Mutex<Store>

  /// Opens the file, checks it, and brings its schema up to date; a missing file is created.
  ///
  /// - Throws: ``RegistryError/damaged(file:finding:)``, ``RegistryError/newerSchema(file:found:supported:)``,
  ///   or a failure of the file system.
  /// - Complexity: Reads the whole file, because `quick_check` does.
  package init(path: String) throws(RegistryError) {
    self.path = path
    store = Mutex(try Self.open(path))
  }

  private static func open(_ path: String) throws(RegistryError) -> Store {
    do {
      let connection = try Connection.open(path: path)
      let isNew = try Migrations.version(of: connection) == 0
      try Migrations.apply(to: connection)
      return Store(connection: connection, isNew: isNew)
    } catch {
      guard error.isObstacle else { throw error }
      return Store(connection: try openForReading(path, error), limitation: error)
    }
  }

  /// Whether the file was made when it was opened, or held nothing yet.
  package var isNew: Bool { store.withLock { $0.isNew } }

  /// Why nothing can be changed at the moment; nil where all is well.
  package var limitation: RegistryError? { store.withLock { $0.limitation } }

  /// The file itself if one connection alone may have it, else its backup.
  private static func openForReading(
    _ path: String, _ obstacle: RegistryError
  ) throws(RegistryError) -> Connection {
    for (candidate, mode) in [(path, Connection.Mode.exclusive), (backupPath(of: path), .immutable)] {
      guard let connection = try? Connection.open(path: candidate, mode) else { continue }
      if (try? Migrations.version(of: connection)) == Migrations.all.count { return connection }
    }
    throw obstacle
  }

  /// Runs a query that needs one consistent state.
  func read<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(RegistryError) -> Result
  ) throws(RegistryError) -> Result {
    try store.withLock { store throws(RegistryError) in try body(store.connection) }
  }

  /// Runs one change as one transaction, which is counted: a copy of the file with a smaller count is older.
  func change<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(RegistryError) -> Result
  ) throws(RegistryError) -> Result {
    try write(patience: Connection.patience) { connection throws(RegistryError) in
      let result = try body(connection)
      try connection.execute("UPDATE changes SET number = number + 1")
      return result
    }
  }

  /// Runs a transaction that only records history. It is not counted as a change, and waits at most a quarter
  /// of a second for a lock.
  func bookkeep<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(RegistryError) -> Result
  ) throws(RegistryError) -> Result {
    try write(patience: 250, body)
  }

  /// Runs statements outside a transaction, on the file as it can be opened now.
  func maintain(_ body: @Sendable (borrowing Connection) throws(RegistryError) -> Void) throws(RegistryError)
  {
    try store.withLock { store throws(RegistryError) in
      try heal(&store)
      try body(store.connection)
    }
  }

  private func write<Result: Sendable>(
    patience: Int32, _ body: @Sendable (borrowing Connection) throws(RegistryError) -> Result
  ) throws(RegistryError) -> Result {
    try store.withLock { store throws(RegistryError) in
      try heal(&store)
      store.connection.wait(milliseconds: patience)
      defer { store.connection.wait(milliseconds: Connection.patience) }
      return try store.connection.transaction(body)
    }
  }

  /// Opens the file for writing if that was impossible before.
  private func heal(_ store: inout Store) throws(RegistryError) {
    guard let limitation = store.limitation else { return }
    do {
      let connection = try Connection.open(path: path)
      try Migrations.apply(to: connection)
      store = Store(connection: connection, limitation: nil)
    } catch {
      throw .readOnly(reason: limitation.description)
    }
  }
}

extension RegistryError {
  /// Whether the file may be sound, and the failure comes from the disk, a lock or permissions.
  fileprivate var isObstacle: Bool {
    switch self {
    case .database(_, _, let code, _):
      [
        SQLITE_FULL, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_IOERR,
      ]
      .contains(code & 0xff)
    case .system: true
    default: false
    }
  }
}
