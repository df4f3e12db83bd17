/// Queries that several operations share. They run inside the caller's transaction.
extension Connection {
  private static var versionColumns: String {
    """
    models.name, number, digest, bytes, architecture, state, reason, quality, note, created, created_by, starts
    """
  }

  borrowing func modelNames() throws(RegistryError) -> [ModelName] {
    try rows("SELECT name FROM models ORDER BY name") { row throws(RegistryError) in
      try ModelName(row.text(0))
    }
  }

  borrowing func versions(of model: ModelName) throws(RegistryError) -> [VersionRecord] {
    try rows(
      """
      SELECT \(Self.versionColumns) FROM versions JOIN models ON models.id = model_id
      WHERE models.name = ? ORDER BY number
      """, SQLValue(model), decode: Self.version)
  }

  borrowing func version(_ id: VersionID) throws(RegistryError) -> VersionRecord {
    let found = try rows(
      """
      SELECT \(Self.versionColumns) FROM versions JOIN models ON models.id = model_id
      WHERE models.name = ? AND number = ?
      """, SQLValue(id.model), SQLValue(id.number), decode: Self.version)
    if let version = found.first { return version }
    throw try versions(of: id.model).isEmpty ? .unknownModel(id.model) : .unknownVersion(id)
  }

  /// The version that a reference means.
  borrowing func resolve(_ reference: VersionReference) throws(RegistryError) -> VersionRecord {
    let model = reference.model
    switch reference.selector {
    case .version(let number): return try version(VersionID(model, number))
    case .label(let label):
      if let top = try promotions(of: label, model).first {
        return try version(VersionID(model, top.version))
      }
      throw try versions(of: model).isEmpty ? .unknownModel(model) : .labelNotSet(model, label)
    }
  }

  /// The key of a version's row.
  borrowing func key(of id: VersionID) throws(RegistryError) -> (model: Int64, version: Int64) {
    let keys = try rows(
      """
      SELECT models.id, versions.id FROM versions JOIN models ON models.id = model_id
      WHERE models.name = ? AND number = ?
      """, SQLValue(id.model), SQLValue(id.number)
    ) { (model: $0.integer(0), version: $0.integer(1)) }
    guard let key = keys.first else {
      throw try versions(of: id.model).isEmpty ? .unknownModel(id.model) : .unknownVersion(id)
    }
    return key
  }

  /// The promotions of a label, newest first, without repetitions in a row.
  borrowing func promotions(of label: Label, _ model: ModelName) throws(RegistryError) -> [Promotion] {
    let all = try rows(
      """
      SELECT promotions.id, versions.number FROM promotions
      JOIN versions ON versions.id = version_id JOIN models ON models.id = promotions.model_id
      WHERE models.name = ? AND label = ? ORDER BY promotions.id DESC
      """, SQLValue(model), SQLValue(label)
    ) { Promotion(key: $0.integer(0), version: Int($0.integer(1))) }
    return zip(all, all.dropFirst().map(\.version) + [0]).filter { $0.version != $1 }.map(\.0)
  }

  borrowing func labels(of model: ModelName) throws(RegistryError) -> [LabelRecord] {
    let names = try rows(
      """
      SELECT DISTINCT label FROM promotions JOIN models ON models.id = model_id
      WHERE models.name = ? ORDER BY label
      """, SQLValue(model)
    ) { (row) throws(RegistryError) in try Label(row.text(0)) }
    var records: [LabelRecord] = []
    for label in names {
      let versions = try promotions(of: label, model).map(\.version)
      guard let current = versions.first else { continue }
      records.append(LabelRecord(label: label, version: current, previous: versions.dropFirst().first))
    }
    return records
  }

  /// Notes what happened, and forgets the oldest events beyond the limit.
  borrowing func log(
    _ action: EventRecord.Action, _ id: VersionID?, _ detail: String, by origin: Origin
  ) throws(RegistryError) {
    try execute(
      "INSERT INTO events (time, uid, action, model, version, detail) VALUES (?, ?, ?, ?, ?, ?)",
      SQLValue(origin.time.milliseconds), SQLValue(origin.uid), .text(action.rawValue),
      id.map { SQLValue($0.model) } ?? nil, id.map { SQLValue($0.number) } ?? nil, .text(detail))
    try execute("DELETE FROM events WHERE number <= ?", SQLValue(lastRowID - Int64(ModelRegistry.eventLimit)))
  }

  private static func version(_ row: borrowing Statement) throws(RegistryError) -> VersionRecord {
    let (state, uid) = (row.text(5), row.integer(10))
    guard let known = VersionState(name: state, reason: row.optionalText(6)) else {
      throw .unreadableRow(column: "state", found: state)
    }
    guard let owner = UInt32(exactly: uid) else {
      throw .unreadableRow(column: "created_by", found: "\(uid)")
    }
    let (name, digest) = (try ModelName(row.text(0)), try BlobDigest(hex: row.text(2)))
    return VersionRecord(
      id: VersionID(name, Int(row.integer(1))), digest: digest, bytes: row.integer(3),
      architecture: row.text(4), state: known, quality: row.text(7), note: row.text(8),
      starts: row.integer(11) != 0, created: Origin(uid: owner, time: UnixTime(milliseconds: row.integer(9))))
  }
}

/// One row of a label's stack.
struct Promotion {
  let key: Int64
  let version: Int
}
