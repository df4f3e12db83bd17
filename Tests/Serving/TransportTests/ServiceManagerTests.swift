import Glibc
import Testing

@testable import Transport

@Suite("Service manager")
struct ServiceManagerTests {
  private func manager(_ variables: [String: String]) -> ServiceManager {
    ServiceManager { variables[$0] }
  }

  @Test("without a service manager every call does nothing")
  func absent() throws {
    let manager = manager([:])
    #expect(!manager.isPresent)
    #expect(try !manager.notify("READY=1"))
    #expect(manager.watchdogInterval == nil)
    #expect(manager.inheritedDescriptors().isEmpty)
  }

  @Test("a notification arrives, at a path and in the abstract space", arguments: [false, true])
  func notification(isAbstract: Bool) throws {
    let directory = TemporaryDirectory()
    let path = isAbstract ? "@quantd-test-\(getpid())" : directory["notify"]
    let receiver = FileDescriptor(owning: socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0))
    #expect(try SocketAddress(path).withSockaddr { Glibc.bind(receiver.number, $0, $1) } == 0)
    #expect(try manager(["NOTIFY_SOCKET": path]).notify("READY=1\nSTATUS=2 models"))
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = recv(receiver.number, &buffer, buffer.count, 0)
    #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "READY=1\nSTATUS=2 models")
  }

  @Test("a service manager that cannot be reached is an error with its address")
  func unreachable() {
    let failure = #expect(throws: SystemFailure.self) {
      try manager(["NOTIFY_SOCKET": "/nonexistent/notify"]).notify("READY=1")
    }
    #expect(failure?.description.contains("/nonexistent/notify: No such file") == true)
  }

  @Test("the watchdog interval counts only for this process")
  func watchdog() {
    #expect(manager(["WATCHDOG_USEC": "30000000"]).watchdogInterval == .seconds(30))
    #expect(
      manager(["WATCHDOG_USEC": "5", "WATCHDOG_PID": "\(getpid())"]).watchdogInterval == .microseconds(5))
    #expect(manager(["WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"]).watchdogInterval == nil)
    #expect(manager(["WATCHDOG_USEC": "none"]).watchdogInterval == nil)
  }

  @Test("sockets meant for another process, or a count that makes no sense, are not taken")
  func strangers() {
    #expect(manager(["LISTEN_PID": "1", "LISTEN_FDS": "1"]).inheritedDescriptors().isEmpty)
    #expect(manager(["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "-4"]).inheritedDescriptors().isEmpty)
    #expect(manager(["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "x"]).inheritedDescriptors().isEmpty)
  }
}
