extension ModelRegistry {
  /// The most events that are kept, so that the file does not grow for ever. Older ones are forgotten.
  package static let eventLimit = 10_000

  /// The newest events, newest first.
  ///
  /// - Parameter model: Only those of one model.
  package func events(limit: Int, of model: ModelName? = nil) throws(RegistryError) -> [EventRecord] {
    try read { connection throws(RegistryError) in
      try connection.rows(
        """
        SELECT number, time, uid, action, model, version, detail FROM events
        WHERE ?1 IS NULL OR model = ?1 ORDER BY number DESC LIMIT ?2
        """, model.map { SQLValue($0) } ?? nil, SQLValue(max(0, limit)), decode: Self.event)
    }
  }

  private static func event(_ row: borrowing Statement) throws(RegistryError) -> EventRecord {
    let (uid, action) = (row.integer(2), row.text(3))
    guard let owner = UInt32(exactly: uid) else { throw .unreadableRow(column: "uid", found: "\(uid)") }
    guard let known = EventRecord.Action(rawValue: action) else {
      throw .unreadableRow(column: "action", found: action)
    }
    var model: ModelName?
    if let name = row.optionalText(4) { model = try ModelName(name) }
    return EventRecord(
      number: row.integer(0), origin: Origin(uid: owner, time: UnixTime(milliseconds: row.integer(1))),
      action: known, model: model, version: row.optionalInteger(5).map { Int($0) }, detail: row.text(6))
  }
}
