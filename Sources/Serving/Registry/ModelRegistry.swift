import Synchronization

/// The models, versions, labels, defaults and events of one daemon, in one SQLite file.
///
/// Every change is one transaction that is on the disk when the call returns, together with its event. Calls may
/// come from any thread: they take turns on one connection. A second registry on the same file, in this or
/// another process, reads a consistent state at any time, and waits up to 5 s to write.
package final class ModelRegistry: Sendable {
  private let connection: Mutex<Connection>

  /// Opens the file, checks it, and brings its schema up to date; a missing file is created.
  ///
  /// - Throws: ``RegistryError/damaged(file:finding:)``, ``RegistryError/newerSchema(file:found:supported:)``,
  ///   or a failure of the file system.
  /// - Complexity: Reads the whole file, because `quick_check` does.
  package init(path: String) throws(RegistryError) {
    let connection = try Connection.open(path: path)
    try Migrations.apply(to: connection)
    self.connection = Mutex(connection)
  }

  /// Runs a query that needs one consistent state.
  func read<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(RegistryError) -> Result
  ) throws(RegistryError) -> Result {
    try connection.withLock { connection throws(RegistryError) in try body(connection) }
  }

  /// Runs one change as one transaction.
  func change<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(RegistryError) -> Result
  ) throws(RegistryError) -> Result {
    try connection.withLock { connection throws(RegistryError) in try connection.transaction(body) }
  }
}
