import Glibc
import ModelFixtures
import Registry
import Service
import TestSupport
import Testing
import WireProtocol

/// Damages a state directory in every way that disks and people do, and starts a service on it.
@Suite("Damaged state")
struct StateDamageTests {
  /// `QUANTD_DAMAGE_ROUNDS` asks for more; 200 take half a minute.
  private static let rounds = getenv("QUANTD_DAMAGE_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 60

  /// A state directory of three packs in two models, as a service leaves it that was killed or stopped.
  private static func makeState(stopped: Bool) throws -> (StateFolder, ServiceFixture?) {
    let fixture = try ServiceFixture()
    let admin = fixture.client()
    try fixture.install(TinyPack.llama(), as: "story", by: admin)
    try fixture.install(TinyPack.llama(seed: 2), as: "story", by: admin)
    try fixture.install(TinyPack.vit(seed: 3), as: "image", by: admin)
    try admin.ask("p", "promote", ["model": "story:2"])
    let folder = fixture.folder
    guard stopped else { return (folder, fixture) }
    fixture.stop()
    return (folder, nil)
  }

  @Test("no blob is ever deleted, and whatever is not as before is said", arguments: [true, false])
  func rounds(stopped: Bool) throws {
    let (original, running) = try Self.makeState(stopped: stopped)
    defer { withExtendedLifetime(running) {} }
    var random = SeededGenerator()
    var outcomes: [String: Int] = [:]
    for round in 0..<Self.rounds {
      let copy = try StateCopy(of: original)
      let damage = try copy.damage(&random)
      let outcome = try Self.start(copy, "round \(round), \(damage), \(random)")
      outcomes[outcome, default: 0] += 1
    }
    print("damaged state, \(stopped ? "stopped" : "running"): \(outcomes.sorted { $0.key < $1.key })")
  }

  /// Starts on a damaged copy; where that is refused, recovers it and starts again.
  private static func start(_ copy: StateCopy, _ context: String) throws -> String {
    let blobs = copy.blobs()
    do {
      let service = try RestartedService(copy.folder)
      #expect(copy.blobs() == blobs, "\(context)")
      let isWhole = try service.summary() == StateCopy.expected
      #expect(isWhole && copy.hasAllBlobs || !service.problems.isEmpty, "\(context)")
      return service.problems.isEmpty ? "whole" : "served with \(service.problems.count) problems"
    } catch let error as RegistryError {
      #expect(copy.blobs() == blobs, "\(context)")
      #expect(error.description.contains("quantd recover"), "\(context): \(error)")
      var report: [String] = []
      try StateRecovery.run(stateDirectory: copy.folder.path) { report.append($0) }
      #expect(copy.blobs() == blobs, "\(context): \(report)")
      let service = try RestartedService(copy.folder)
      let names = try service.summary().map(\.name)
      #expect(!names.isEmpty && copy.blobs() == blobs, "\(context): \(report)")
      return "refused, recovered"
    }
  }

  @Test("one flipped bit in the log of a stopped service costs nothing")
  func flippedLog() throws {
    let (folder, _) = try Self.makeState(stopped: true)
    #expect(StateCopy.size(folder.path + "/registry.db-wal") <= 0, "a clean stop leaves no log to damage")
    let copy = try StateCopy(of: folder)
    for suffix in ["-wal", "-shm"] { unlink(copy.folder.path + "/registry.db" + suffix) }
    #expect(try RestartedService(copy.folder).summary() == StateCopy.expected)
  }

  @Test("a registry that was moved away is not taken for an empty one, and comes back with its labels")
  func movedAway() throws {
    let (folder, _) = try Self.makeState(stopped: true)
    let copy = try StateCopy(of: folder)
    let blobs = copy.blobs()
    unlink(copy.folder.path + "/registry.db")
    #expect(throws: RegistryError.self) { try RestartedService(copy.folder) }
    try StateRecovery.run(stateDirectory: copy.folder.path) { _ in }
    #expect(try RestartedService(copy.folder).summary() == StateCopy.expected)
    #expect(copy.blobs() == blobs)
  }

  @Test(
    "without registry and backup the packs are registered under their own names, in the order of their installation"
  )
  func rebuiltFromPacks() throws {
    let (folder, _) = try Self.makeState(stopped: true)
    let copy = try StateCopy(of: folder)
    for name in ["registry.db", "registry.db.backup"] { unlink(copy.folder.path + "/" + name) }
    try StateRecovery.run(stateDirectory: copy.folder.path) { _ in }
    let service = try RestartedService(copy.folder)
    #expect(service.problems.isEmpty)
    #expect(try service.summary().count == 3)
    #expect(try service.client.ask("g", "generate", ["prompt": "a", "max_tokens": 1])["event"] == "done")
  }

  @Test("recover refuses while a service runs")
  func recoverWhileRunning() throws {
    let (folder, running) = try Self.makeState(stopped: false)
    defer { withExtendedLifetime(running) {} }
    #expect(throws: RegistryError.stateInUse(holder: getpid())) {
      try StateRecovery.run(stateDirectory: folder.path) { _ in }
    }
    #expect(throws: RegistryError.stateInUse(holder: getpid())) { try RestartedService(folder) }
  }
}
