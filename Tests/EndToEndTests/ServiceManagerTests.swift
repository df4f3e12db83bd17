import Glibc
import Processes
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("Under a service manager", .timeLimit(.minutes(1)))
  struct UnderServiceManager {
    @Test("it reports READY, WATCHDOG, reloading and STOPPING")
    func notifications() throws {
      let scratch = try Scratch()
      let manager = try NotifySocket(scratch.file("notify"))
      let environment = ["NOTIFY_SOCKET": scratch.file("notify"), "WATCHDOG_USEC": "300000"]
      let daemon = try TestDaemon(
        environment: environment, packs: [TinyPacks.classifier()], scratch: scratch)
      #expect(try manager.waits(for: "READY=1"))
      #expect(manager.received.contains("STATUS=loading tiny-vit:1"))
      #expect(try manager.waits(for: "WATCHDOG=1"))
      daemon.process.send(SIGHUP)
      #expect(try manager.waits(for: "RELOADING=1"))
      #expect(manager.received.contains("MONOTONIC_USEC="))
      #expect(try daemon.stop() == .exited(0))
      #expect(try manager.waits(for: "STOPPING=1"))
    }

    @Test("it serves from the socket that it inherits")
    func socketActivation() throws {
      let scratch = try Scratch()
      let listener = try listen(at: scratch.file("s"))
      defer { close(listener) }
      _ = try scratch.folder("models")
      try scratch.write("", to: "quantd.conf")
      // The shell learns its own process id, which the daemon then has: LISTEN_PID must name it.
      let script = "export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\""
      let flags = TestDaemon.flags(scratch).map { $0 == scratch.file("s") ? scratch.file("unused") : $0 }
      let process = try ChildProcess(
        "sh", ["-c", script, "sh", Programs.path("quantd"), "serve"] + flags, in: scratch,
        inherited: [3: listener])
      // The client need not wait: the socket is there before the daemon is.
      let wire = try WireConnection(scratch.file("s"))
      #expect(try wire.ask("1", "status")["result"]?["state"]?.stringValue == "ready")
      #expect(access(scratch.file("unused"), F_OK) != 0)
      process.send(SIGTERM)
      #expect(try process.wait() == .exited(0))
      #expect(
        access(scratch.file("s"), F_OK) == 0, "the service manager's socket is not the daemon's to remove")
    }

    private func listen(at path: String) throws -> CInt {
      let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
      let status = withUnixAddress(path) { bind(descriptor, $0, $1) }
      guard status == 0, Glibc.listen(descriptor, 8) == 0 else {
        throw HarnessError("listen at \(path): \(String(cString: strerror(errno)))")
      }
      return descriptor
    }
  }
}

/// Receives what a daemon tells its service manager.
private final class NotifySocket {
  private let descriptor: CInt
  private(set) var received = ""

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let status = withUnixAddress(path) { bind(descriptor, $0, $1) }
    guard status == 0 else { throw HarnessError("bind \(path): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  func waits(for text: String) throws -> Bool {
    try eventually {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
        guard count > 0 else { break }
        received += String(decoding: buffer[..<count], as: UTF8.self) + "\n"
      }
      return received.contains(text)
    }
  }
}
