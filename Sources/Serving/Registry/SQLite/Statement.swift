import CSQLite

/// One prepared statement with its values bound; finalized when it ends.
struct Statement: ~Copyable {
  private let handle: OpaquePointer
  private let database: OpaquePointer
  private let file: String
  private let sql: String

  deinit { sqlite3_finalize(handle) }

  /// Compiles `sql` and binds one value to each of its placeholders.
  static func prepare(
    _ sql: String, _ values: [SQLValue], in database: OpaquePointer, file: String
  ) throws(RegistryError) -> Statement {
    var prepared: OpaquePointer?
    guard sqlite3_prepare_v2(database, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else {
      throw Connection.failure(database, file, "preparing '\(sql)'")
    }
    let statement = Statement(handle: prepared, database: database, file: file, sql: sql)
    let expected = Int(sqlite3_bind_parameter_count(prepared))
    precondition(expected == values.count, "'\(sql)' takes \(expected) values, not \(values.count)")
    for (index, value) in values.enumerated() { try statement.bind(value, at: Int32(index + 1)) }
    return statement
  }

  private borrowing func bind(_ value: SQLValue, at index: Int32) throws(RegistryError) {
    let code =
      switch value {
      case .null: sqlite3_bind_null(handle, index)
      case .integer(let number): sqlite3_bind_int64(handle, index, number)
      case .text(let text):
        // SQLITE_TRANSIENT, a macro that Swift cannot import: SQLite copies the text before the call returns.
        sqlite3_bind_text(handle, index, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      }
    guard code == SQLITE_OK else { throw Connection.failure(database, file, "binding a value of '\(sql)'") }
  }

  /// Moves to the next row; returns whether there is one.
  borrowing func step() throws(RegistryError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw Connection.failure(database, file, "running '\(sql)'")
    }
  }

  // MARK: The current row

  borrowing func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  borrowing func text(_ column: Int32) -> String { optionalText(column) ?? "" }

  borrowing func optionalText(_ column: Int32) -> String? {
    sqlite3_column_text(handle, column).map { String(cString: $0) }
  }

  borrowing func optionalInteger(_ column: Int32) -> Int64? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : integer(column)
  }
}
