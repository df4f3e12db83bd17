import Glibc
import Synchronization
import Testing

@testable import Registry

@Suite("Durability")
struct DurabilityTests {
  private let scratch = Scratch()
  private var path: String { scratch.file("registry.db") }

  @Test("a crash in the middle of a change leaves the state before it")
  func crashes() throws {
    let registry = try ModelRegistry(path: path)
    _ = try registry.install(installation("story", "a"), by: origin(1))
    let connection = try Connection.open(path: path)
    try connection.execute("BEGIN IMMEDIATE")
    try connection.execute("UPDATE models SET last_number = 99")
    try connection.execute("DELETE FROM versions")
    // A small cache makes SQLite write what is not committed into the log: the copy holds half a transaction.
    try connection.execute("PRAGMA cache_spill = 1")
    try connection.execute("PRAGMA cache_size = 1")
    for number in 0..<200 {
      try connection.log(.state, nil, String(repeating: "x", count: 4000), by: origin(Int64(number)))
    }
    for suffix in ["", "-wal"] {
      Scratch.write(Scratch.read(path + suffix), to: scratch.file("copy.db") + suffix)
    }
    #expect(Scratch.read(path + "-wal").count > 100_000, "nothing of the transaction is in the log")

    let copy = try ModelRegistry(path: scratch.file("copy.db"))
    #expect(try copy.models().flatMap(\.versions).map(\.id.number) == [1])
    #expect(try copy.events(limit: 10).map(\.action) == [.install])
    try connection.execute("ROLLBACK")
  }

  @Test("a torn end of the log costs the last change and no other", arguments: [1, 100, 5000])
  func tornLog(missing: Int) throws {
    let registry = try ModelRegistry(path: path)
    _ = try registry.install(installation("story", "a"), by: origin(1))
    _ = try registry.install(installation("story", "b"), by: origin(2))
    Scratch.write(Scratch.read(path), to: scratch.file("copy.db"))
    Scratch.write(Scratch.read(path + "-wal").dropLast(missing), to: scratch.file("copy.db-wal"))
    let copy = try ModelRegistry(path: scratch.file("copy.db"))
    #expect(try copy.models().flatMap(\.versions).map(\.id.number) == [1])
    #expect(try copy.events(limit: 9).count == 1)
    guard case .added(let again) = try copy.install(installation("story", "b"), by: origin(3)) else {
      Issue.record("the lost version is still known")
      return
    }
    #expect(again.id.number == 2)
  }

  @Test("a change that fails halfway changes nothing")
  func failsHalfway() throws {
    let registry = try ModelRegistry(path: path)
    _ = try registry.install(installation("story", "a"), by: origin(1))
    let id = VersionID(try ModelName("story"), 1)
    #expect(throws: RegistryError.self) {
      try registry.change { connection throws(RegistryError) in
        try connection.log(.remove, id, "never happened", by: origin(2))
        try connection.execute("UPDATE versions SET number = 0")  // breaks a CHECK
      }
    }
    #expect(try registry.events(limit: 9).map(\.action) == [.install])
    _ = try registry.promote(id, to: .stable, by: origin(3))
  }

  @Test("a file that is no database is refused with a clear text")
  func notADatabase() throws {
    Scratch.write(Array(repeating: UInt8(ascii: "?"), count: 8192), to: path)
    let error = try #require(throws: RegistryError.self) { try ModelRegistry(path: path) }
    #expect(error == .damaged(file: "registry.db", finding: "file is not a database"))
    #expect("\(error)".contains("quantd recover") && !"\(error)".contains(scratch.path))
  }

  @Test("damage inside the file is found when it is opened")
  func damaged() throws {
    try ModelRegistry(path: path).change { connection throws(RegistryError) in
      for number in 0..<500 { try connection.log(.state, nil, "event \(number)", by: origin(1)) }
    }
    var bytes = Scratch.read(path)
    #expect(bytes.count > 4 * 4096)
    for index in (bytes.count / 2)..<(bytes.count - 100) { bytes[index] = 0xa5 }
    Scratch.write(bytes, to: path)
    #expect(throws: RegistryError.self) { try ModelRegistry(path: path) }
  }

  @Test("an empty file becomes a registry of the newest schema")
  func migratesFromZero() throws {
    Scratch.write([], to: path)
    #expect(try ModelRegistry(path: path).models().isEmpty)
    let version = try Connection.open(path: path).rows("PRAGMA user_version") { Int($0.integer(0)) }
    #expect(version == [Migrations.all.count])
  }

  @Test("a file from a newer release is refused and left alone")
  func newerSchema() throws {
    _ = try ModelRegistry(path: path)
    try Connection.open(path: path).execute("PRAGMA user_version = 77")
    #expect(
      throws: RegistryError.newerSchema(file: "registry.db", found: 77, supported: Migrations.all.count)
    ) {
      try ModelRegistry(path: path)
    }
    let version = try Connection.open(path: path).rows("PRAGMA user_version") { Int($0.integer(0)) }
    #expect(version == [77])
  }

  @Test("a directory that does not exist is an error that names the file only")
  func missingDirectory() throws {
    let error = try #require(throws: RegistryError.self) {
      try ModelRegistry(path: scratch.file("missing/registry.db"))
    }
    #expect(error == .system(operation: "open", file: "registry.db", code: ENOENT))
  }

  @Test("the connection keeps its promises to the disk")
  func pragmas() throws {
    let connection = try Connection.open(path: path)
    for (pragma, expected) in [("synchronous", 2), ("foreign_keys", 1), ("trusted_schema", 0)] {
      #expect(try connection.rows("PRAGMA \(pragma)") { $0.integer(0) } == [Int64(expected)], "\(pragma)")
    }
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("readers see whole changes while a writer works")
  func concurrentReaders() throws {
    let writer = try ModelRegistry(path: path)
    let story = try ModelName("story")
    for digit in "ab" { _ = try writer.install(installation("story", digit), by: origin(1)) }
    let done = Atomic(false)
    let mixed = Mutex(0)
    let path = path
    try withThreads(2) { _ in
      let reader = try ModelRegistry(path: path)
      while !done.load(ordering: .acquiring) {
        let versions = try reader.model(story).versions
        if versions[0].state != versions[1].state { mixed.withLock { $0 += 1 } }
      }
    } while: {
      defer { done.store(true, ordering: .releasing) }
      for number in 0..<50 {
        let state = number % 2 == 0 ? "ready" : "live"
        try writer.change { connection throws(RegistryError) in
          for number in 1...2 {
            try connection.execute(
              "UPDATE versions SET state = ? WHERE number = ?", .text(state), SQLValue(number))
          }
        }
      }
    }
    #expect(mixed.withLock { $0 } == 0)
  }
}
