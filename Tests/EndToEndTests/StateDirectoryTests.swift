import Glibc
import JSON
import Processes
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("The state directory", .timeLimit(.minutes(2)))
  struct StateDirectory {
    @Test("a second daemon on it says who has it and ends")
    func secondDaemon() throws {
      let daemon = try TestDaemon.withModels()
      let flags = TestDaemon.flags(daemon.scratch).map { $0 == daemon.socket ? daemon.socket + "2" : $0 }
      let second = try ChildProcess(Programs.path("quantd"), ["serve"] + flags, in: daemon.scratch)
      #expect(try second.wait() == .exited(70))
      #expect(second.errors.contains("pid \(daemon.process.pid)"), "\(second.errors)")
      let recovery = try ChildProcess(Programs.path("quantd"), ["recover"] + flags, in: daemon.scratch)
      #expect(try recovery.wait() == .exited(70))
      #expect(try daemon.connect().ask("g", "generate", ["prompt": "a", "max_tokens": 1]).event == "done")
      try daemon.restart()
    }

    @Test("a registry that was lost is not taken for an empty one, and `quantd recover` brings it back")
    func recover() throws {
      let daemon = try TestDaemon.withModels()
      try daemon.stop()
      let state = daemon.scratch.file("state")
      let blobs = names(in: state + "/blobs")
      for name in ["registry.db", "registry.db-wal", "registry.db-shm"] { unlink("\(state)/\(name)") }
      let flags = TestDaemon.flags(daemon.scratch)
      let refused = try ChildProcess(Programs.path("quantd"), ["serve"] + flags, in: daemon.scratch)
      #expect(try refused.wait() == .exited(70))
      #expect(refused.errors.contains("quantd recover"), "\(refused.errors)")
      let recovery = try ChildProcess(Programs.path("quantd"), ["recover"] + flags, in: daemon.scratch)
      #expect(try recovery.wait() == .exited(0), "\(recovery.errors)")
      #expect(recovery.output.contains("comes from its backup"), "\(recovery.output)")
      try daemon.restart()
      #expect(names(in: state + "/blobs") == blobs)
      let status = try daemon.connect().ask("s", "status")["result"]
      #expect(status?["defaults"]?["generate"]?.stringValue == "tiny-llama:1")
    }

    @Test(
      "on a full disk it serves what it has, says what is wrong, and mends it when there is space",
      .enabled(if: SmallDisk.isPossible, "mounting a file system is not permitted here"))
    func fullDisk() throws {
      let scratch = try Scratch()
      let disk = try SmallDisk(at: scratch.folder("state"))
      let daemon = try TestDaemon(
        packs: [TinyPacks.language(), TinyPacks.classifier()], scratch: scratch)
      try disk.fill()
      try daemon.restart()
      let wire = try daemon.connect()
      #expect(try wire.ask("g", "generate", ["prompt": "a", "max_tokens": 1]).event == "done")
      #expect(try problems(wire).count > 0)
      let removal = try wire.ask("u", "unload", ["model": "tiny-vit"])
      #expect(removal["result"]?["state"]?.stringValue == "unloaded", "\(removal)")
      try disk.free()
      #expect(try eventually(seconds: 20) { try problems(wire).isEmpty })
      #expect(daemon.process.errors.contains("what was wrong has passed"))
      try daemon.stop()
      withExtendedLifetime(disk) {}
    }

    private func problems(_ wire: WireConnection) throws -> [JSONValue] {
      try wire.ask("s", "status")["result"]?["problems"]?.elements ?? []
    }
  }
}

/// A file system of a few megabytes in memory, which can be filled.
private final class SmallDisk {
  private let path: String

  static let isPossible: Bool = {
    guard let scratch = try? Scratch(), let disk = try? SmallDisk(at: scratch.path) else { return false }
    withExtendedLifetime(disk) {}
    return true
  }()

  init(at path: String) throws {
    self.path = path
    guard mount("tmpfs", path, "tmpfs", 0, "size=4m") == 0 else {
      throw HarnessError("mount: \(String(cString: strerror(errno)))")
    }
  }

  deinit { umount2(path, CInt(MNT_DETACH)) }

  /// Takes the last free byte.
  func fill() throws {
    let file = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    while write(file, block, block.count) > 0 {}
  }

  func free() throws {
    guard unlink(path + "/filler") == 0 else { throw HarnessError("unlink: \(errno)") }
  }
}
