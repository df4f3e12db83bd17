import Glibc
import JSON
import ModelFixtures
import Service
import Testing
import WireProtocol

@testable import Registry

/// What becomes of models while another process holds the registry's write lock, as a full disk would.
@Suite("Bookkeeping that fails")
struct BookkeepingTests {
  private let fixture: ServiceFixture
  private let admin: FakeClient

  init() throws {
    fixture = try ServiceFixture()
    admin = fixture.client()
    try fixture.install(TinyPack.llama(), as: "tiny", by: admin)
    try fixture.install(TinyPack.llama(seed: 2), as: "tiny", by: admin)
  }

  private func whileLocked<Result>(_ body: () throws -> Result) throws -> Result {
    let holder = try Connection.open(path: fixture.folder.path + "/registry.db")
    try holder.execute("BEGIN IMMEDIATE")
    defer { try? holder.execute("ROLLBACK") }
    return try body()
  }

  private func states() throws -> [JSONValue?] {
    try admin.ask("m", "models")["result"]?["models"]?.elements.map { $0["state"] } ?? []
  }

  private var problems: [JSONValue] {
    get throws { try admin.ask("s", "status")["result"]?["problems"]?.elements ?? [] }
  }

  private func generates() throws -> String? {
    try admin.ask("g", "generate", ["prompt": "a", "max_tokens": 1])["event"]?.stringValue
  }

  @Test("unload frees the model, says what a restart does, and is written when that can be done")
  func unload() throws {
    let answer = try whileLocked { try admin.ask("u", "unload", ["model": "tiny:1"]) }
    #expect(answer["result"]?["state"] == "unloaded")
    #expect(
      answer["result"]?["warning"]?.stringValue?.contains("the next start loads 'tiny:1' again") == true)
    #expect(try generates() == "error")
    #expect(try states() == ["unloaded", "installed"])
    #expect(try admin.ask("p", "ps")["result"]?["models"]?.elements.isEmpty == true)
    #expect(try admin.ask("l", "load", ["model": "tiny:1"])["event"] == "result")
    #expect(try admin.ask("p", "ps")["result"]?["models"]?.elements.count == 1, "it runs once")
    #expect(try generates() == "done")
  }

  @Test("load works, because what it records is history")
  func load() throws {
    try admin.ask("u", "unload", ["model": "tiny:1"])
    try whileLocked {
      let answer = try admin.ask("l", "load", ["model": "tiny:1"])
      #expect(answer["result"]?["state"] == "live")
      #expect(answer["result"]?["warning"]?.stringValue?.contains("does not load") == true)
      #expect(try generates() == "done")
      #expect(try problems.count == 1)
    }
  }

  @Test("promote moves nothing and leaves nothing loaded where the label cannot be written")
  func promote() throws {
    let answer = try whileLocked { try admin.ask("p", "promote", ["model": "tiny:2"]) }
    #expect(answer.errorCode == "internal")
    #expect(!answer.message.contains("othing was changed"))
    #expect(try admin.ask("g", "generate", ["prompt": "a", "max_tokens": 1])["model"] == "tiny:1")
    let running = try admin.ask("r", "ps")["result"]?["models"]?.elements
    #expect(running?.map { $0["model"]?["version"]?.integerValue } == [1], "\(String(describing: running))")
    #expect(try admin.ask("p", "promote", ["model": "tiny:2"])["event"] == "result")
  }

  @Test("install keeps no blob that it could not register")
  func install() throws {
    let blobs = fixture.folder.path + "/blobs"
    let before = try BlobStore(directory: blobs).digests()
    let answer = try whileLocked { try fixture.install(TinyPack.llama(seed: 3), as: "new", by: admin) }
    #expect(answer.errorCode == "internal")
    #expect(try BlobStore(directory: blobs).digests() == before)
  }

  @Test("a start while another process holds the lock serves every model, says so, and heals")
  func start() throws {
    let folder = try StateFolder()
    try Self.installOne(folder)
    let holder = try Connection.open(path: folder.path + "/registry.db")
    try holder.execute("BEGIN IMMEDIATE")
    let service = try RestartedService(folder)
    let answer = try service.client.ask("g", "generate", ["prompt": "a", "max_tokens": 1])
    #expect(answer["event"] == "done")
    #expect(!service.problems.isEmpty)
    try holder.execute("ROLLBACK")
    for _ in 0..<150 where !service.currentProblems.isEmpty { usleep(100_000) }
    #expect(service.currentProblems.isEmpty)
  }

  private static func installOne(_ folder: StateFolder) throws {
    let fixture = try ServiceFixture(folder: folder)
    try fixture.install(TinyPack.llama(), as: "tiny", by: fixture.client())
  }

  @Test("what failed heals by itself, and whoever asked is told")
  func heals() throws {
    try whileLocked {
      try admin.ask("u", "unload", ["model": "tiny:1"])
      #expect(try !problems.isEmpty)
    }
    for _ in 0..<150 where try !problems.isEmpty { usleep(100_000) }
    #expect(try problems.isEmpty)
    let registry = try ModelRegistry(path: fixture.folder.path + "/registry.db")
    #expect(try registry.model(ModelName("tiny")).versions.map(\.state) == [.unloaded, .installed])
  }
}
