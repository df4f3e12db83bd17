/// The schema, as the list of changes that led to it. Released entries are never edited: new ones are appended.
enum Migrations {
  static let all = [
    """
    CREATE TABLE models (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      last_number INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE versions (
      id INTEGER PRIMARY KEY,
      model_id INTEGER NOT NULL REFERENCES models (id),
      number INTEGER NOT NULL CHECK (number >= 1),
      digest TEXT NOT NULL CHECK (length(digest) = 64),
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      architecture TEXT NOT NULL,
      state TEXT NOT NULL,
      reason TEXT CHECK ((state = 'failed') = (reason IS NOT NULL)),
      quality TEXT NOT NULL,
      note TEXT NOT NULL,
      created INTEGER NOT NULL,
      created_by INTEGER NOT NULL,
      UNIQUE (model_id, number),
      UNIQUE (model_id, digest)
    ) STRICT;

    -- A label points to the version of its newest promotion; a rollback deletes that row.
    CREATE TABLE promotions (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      model_id INTEGER NOT NULL REFERENCES models (id),
      label TEXT NOT NULL,
      version_id INTEGER NOT NULL REFERENCES versions (id)
    ) STRICT;
    CREATE INDEX promotions_by_label ON promotions (model_id, label, id);
    CREATE INDEX promotions_by_version ON promotions (version_id);

    CREATE TABLE defaults (
      task TEXT PRIMARY KEY,
      model_id INTEGER NOT NULL REFERENCES models (id),
      reference TEXT NOT NULL
    ) STRICT;

    -- Names instead of keys: history outlives what it tells about.
    CREATE TABLE events (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      time INTEGER NOT NULL,
      uid INTEGER NOT NULL,
      action TEXT NOT NULL,
      model TEXT,
      version INTEGER,
      detail TEXT NOT NULL
    ) STRICT;
    """,
    """
    -- Digests of files outside the store, good while the other columns are what the file system says.
    CREATE TABLE files (
      device INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      size INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      changed INTEGER NOT NULL,
      digest TEXT NOT NULL CHECK (length(digest) = 64),
      PRIMARY KEY (device, inode)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- 0 after somebody unloaded the version: then a start leaves it alone although a label points to it.
    ALTER TABLE versions ADD COLUMN starts INTEGER NOT NULL DEFAULT 1 CHECK (starts IN (0, 1));

    -- Counts the changes that were acknowledged, so that an older copy of the file can be told from a newer one.
    CREATE TABLE changes (number INTEGER NOT NULL) STRICT;
    INSERT INTO changes (number) SELECT count(*) FROM events WHERE action NOT IN ('state', 'recover');
    """,
  ]

  /// How many migrations the file has seen; 0 for a new one.
  ///
  /// - Throws: ``RegistryError/newerSchema(file:found:supported:)``
  static func version(of connection: borrowing Connection) throws(RegistryError) -> Int {
    let found = try connection.rows("PRAGMA user_version") { Int($0.integer(0)) }.first ?? 0
    guard found >= 0, found <= all.count else {
      throw .newerSchema(file: connection.file, found: found, supported: all.count)
    }
    return found
  }

  /// Brings the file to the newest schema; each step is one transaction, so a crash repeats it as a whole.
  static func apply(to connection: borrowing Connection) throws(RegistryError) {
    let found = try version(of: connection)
    for version in found..<all.count {
      try connection.transaction { connection throws(RegistryError) in
        try connection.executeScript(all[version])
        // A PRAGMA takes no placeholders; the number is ours.
        try connection.execute("PRAGMA user_version = \(version + 1)")
      }
    }
  }
}
