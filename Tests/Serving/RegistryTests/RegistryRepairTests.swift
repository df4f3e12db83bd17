import Glibc
import Testing

@testable import Registry

@Suite("Repair of a registry")
struct RegistryRepairTests {
  private let scratch = Scratch()
  private var path: String { scratch.file("registry.db") }

  private func blobs(_ digits: String = "") throws -> BlobStore {
    let store = try BlobStore(directory: scratch.file("blobs"))
    for digit in digits {
      let name = "\(scratch.file("blobs"))/sha256-\(String(repeating: digit, count: 64))"
      Scratch.write(Array("0123456789".utf8), to: name)
    }
    return store
  }

  /// A registry of two versions with a backup of both.
  private func registry() throws -> ModelRegistry {
    let registry = try ModelRegistry(path: path)
    for digit in "ab" { _ = try registry.install(installation("story", digit), by: origin(1)) }
    _ = try registry.promote(VersionID(ModelName("story"), 2), to: .stable, by: origin(2))
    registry.checkpoint()
    try registry.backUp()
    return registry
  }

  private func check() throws { try RegistryRepair.check(ModelRegistry(path: path), blobs()) }

  private func repair() throws -> RegistryRepair.Source {
    try RegistryRepair.repair(path: path, blobs: blobs(), stamp: "1").source
  }

  @Test("the file alone is the whole registry after a checkpoint, and so is its backup")
  func oneFile() throws {
    let registry = try registry()
    Scratch.write(Scratch.read(path), to: scratch.file("copy.db"))
    #expect(try ModelRegistry(path: scratch.file("copy.db")).summary() == registry.summary())
    #expect(try ModelRegistry.backupSummary(of: path) == registry.summary())
    var status = stat()
    #expect(stat(path + ".backup", &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("a sound registry passes, with or without a backup")
  func sound() throws {
    _ = try blobs("ab")
    _ = try registry()
    try check()
    #expect(unlink(path + ".backup") == 0)
    try check()
  }

  @Test("a new registry is fine without blobs and refused beside some")
  func newBesideBlobs() throws {
    try check()
    unlink(path)
    _ = try blobs("a")
    let error = #expect(throws: RegistryError.self) { try check() }
    #expect(error?.description.contains("quantd recover") == true)
  }

  @Test("a registry that is older than its backup is refused, and recovered from it")
  func stale() throws {
    let old = scratch.file("old.db")
    _ = try ModelRegistry(path: path).install(installation("story", "a"), by: origin(1))
    try ModelRegistry(path: path).checkpoint()
    Scratch.write(Scratch.read(path), to: old)
    let summary = try registry().summary()
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    Scratch.write(Scratch.read(old), to: path)
    #expect(throws: RegistryError.self) { try check() }
    _ = try blobs("ab")
    #expect(try repair() == .backup)
    #expect(try ModelRegistry(path: path).summary() == summary)
    #expect(Scratch.names(in: scratch.path).contains("registry.db.damaged-1"))
  }

  @Test("a changed name in a readable file is seen beside the backup")
  func differs() throws {
    _ = try registry()
    try ModelRegistry(path: path).bookkeep { connection throws(RegistryError) in
      try connection.execute("UPDATE models SET name = 'storz'")
    }
    #expect(throws: RegistryError.self) { try check() }
  }

  @Test("without a registry that can be read the backup takes its place; without either there is a new one")
  func unreadable() throws {
    let summary = try registry().summary()
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    Scratch.write(Array(repeating: 63, count: 8192), to: path)
    #expect(try repair() == .backup)
    #expect(try ModelRegistry(path: path).summary() == summary)
    Scratch.write(Array(repeating: 63, count: 8192), to: path)
    Scratch.write(Array(repeating: 63, count: 8192), to: path + ".backup")
    #expect(try repair() == .nothing)
    #expect(try ModelRegistry(path: path).models().isEmpty)
  }

  @Test(
    "a registry that another process holds for itself is read from its backup, and changed when it is free")
  func locked() throws {
    let summary = try registry().summary()
    var holder: Connection? = try Connection.open(path: path, .exclusive)
    try holder?.execute("UPDATE changes SET number = number")
    let registry = try ModelRegistry(path: path)
    #expect(registry.limitation != nil)
    #expect(try registry.summary() == summary)
    let id = VersionID(try ModelName("story"), 1)
    #expect(throws: RegistryError.self) { try registry.tryToWrite() }
    holder = nil
    _ = try registry.promote(id, to: .canary, by: origin(9))
    #expect(registry.limitation == nil)
    #expect(try ModelRegistry(path: path).model(id.model).labels.map(\.label) == [.canary, .stable])
  }
}
