import CSQLite
import Glibc

/// One connection to one database file, set up so that a committed change survives a power cut.
///
/// Not thread-safe (`SQLITE_OPEN_NOMUTEX`): the owner keeps it behind a lock.
struct Connection: ~Copyable {
  private let handle: OpaquePointer
  /// The file's name without its directory, for errors.
  let file: String

  private init(handle: OpaquePointer, file: String) {
    self.handle = handle
    self.file = file
  }

  deinit { sqlite3_close_v2(handle) }

  /// How a file is opened.
  enum Mode {
    /// To read and write, beside other processes; a missing file is created.
    case shared
    /// To read and write, with the write-ahead log's index in memory: works where no file can be made beside the database,
    /// and keeps other processes out.
    case exclusive
    /// To read a file that nobody writes.
    case immutable
  }

  /// Opens the file.
  ///
  /// - Throws: ``RegistryError/damaged(file:finding:)`` if it is no sound database.
  static func open(path: String, _ mode: Mode = .shared) throws(RegistryError) -> Connection {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if mode == .shared { try create(path, name) }
    var opened: OpaquePointer?
    let access = mode == .immutable ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI
    let code = sqlite3_open_v2(uri(path, mode), &opened, flags, nil)
    guard let opened else {
      throw .database(file: name, operation: "opening", code: code, message: "out of memory")
    }
    let connection = Connection(handle: opened, file: name)  // closes the handle, whatever follows
    guard code == SQLITE_OK else { throw failure(opened, name, "opening") }
    connection.wait(milliseconds: patience)
    do {
      try connection.configure(mode)
    } catch .database(_, _, let code, let message)
      where [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xff)
    {
      throw .damaged(file: name, finding: message)
    }
    return connection
  }

  /// Creates the file here, because SQLite would leave the permissions to the umask; its other files follow this one.
  private static func create(_ path: String, _ name: String) throws(RegistryError) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(operation: "open", file: name, code: errno) }
    close(descriptor)
  }

  private static func uri(_ path: String, _ mode: Mode) -> String {
    let escaped = path.utf8.map { byte in
      (0x21...0x7e).contains(byte) && !"%?#".utf8.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + String(0x100 | Int(byte), radix: 16).dropFirst()
    }
    return "file:" + escaped.joined() + (mode == .immutable ? "?immutable=1" : "")
  }

  private borrowing func configure(_ mode: Mode) throws(RegistryError) {
    try execute("PRAGMA trusted_schema = OFF")
    try execute("PRAGMA cell_size_check = ON")
    try execute("PRAGMA foreign_keys = ON")
    if mode == .exclusive { _ = try rows("PRAGMA locking_mode = EXCLUSIVE") { $0.text(0) } }
    if mode != .immutable { try useWriteAheadLog() }
    let findings = try rows("PRAGMA quick_check(1)") { $0.text(0) }
    guard findings == ["ok"] else { throw .damaged(file: file, finding: findings.first ?? "no answer") }
  }

  private borrowing func useWriteAheadLog() throws(RegistryError) {
    let mode = try rows("PRAGMA journal_mode = WAL") { $0.text(0) }
    guard mode == ["wal"] else {
      let message = "the journal mode is \(mode.first ?? "unknown"), not WAL; use a local file system"
      throw .database(file: file, operation: "PRAGMA journal_mode", code: SQLITE_ERROR, message: message)
    }
    try execute("PRAGMA synchronous = FULL")
  }

  /// How long a statement waits for a lock that another process holds, in milliseconds, unless
  /// ``wait(milliseconds:)`` says otherwise. A shorter wait would fail where another process only takes its
  /// time, a longer one would delay the error where the lock is stuck.
  static let patience: Int32 = 5000

  /// Sets how long statements wait for a lock.
  borrowing func wait(milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

  static func failure(_ handle: OpaquePointer, _ file: String, _ operation: String) -> RegistryError {
    .database(
      file: file, operation: operation, code: sqlite3_extended_errcode(handle),
      message: String(cString: sqlite3_errmsg(handle)))
  }

  // MARK: Statements

  /// Runs a statement and ignores its rows.
  borrowing func execute(_ sql: String, _ values: SQLValue...) throws(RegistryError) {
    let statement = try Statement.prepare(sql, values, in: handle, file: file)
    while try statement.step() {}
  }

  /// Runs statements that are separated by semicolons and bind nothing.
  borrowing func executeScript(_ script: String) throws(RegistryError) {
    guard sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK else {
      throw Self.failure(handle, file, "running a script")
    }
  }

  /// Runs a query and decodes each row.
  borrowing func rows<Row>(
    _ sql: String, _ values: SQLValue..., decode: (borrowing Statement) throws(RegistryError) -> Row
  ) throws(RegistryError) -> [Row] {
    let statement = try Statement.prepare(sql, values, in: handle, file: file)
    var rows: [Row] = []
    while try statement.step() { rows.append(try decode(statement)) }
    return rows
  }

  /// The row id that the last insertion made.
  var lastRowID: Int64 { sqlite3_last_insert_rowid(handle) }

  /// Runs `body` as one change: all of it happens, or, if it throws, nothing.
  ///
  /// `IMMEDIATE` takes the write lock at once; a lock taken later could fail halfway without waiting.
  borrowing func transaction<Result>(
    _ body: (borrowing Connection) throws(RegistryError) -> Result
  ) throws(RegistryError) -> Result {
    try execute("BEGIN IMMEDIATE")
    do {
      let result = try body(self)
      try execute("COMMIT")
      return result
    } catch {
      // After some errors SQLite has rolled back by itself; then this statement fails and changes nothing.
      try? execute("ROLLBACK")
      throw error
    }
  }
}
